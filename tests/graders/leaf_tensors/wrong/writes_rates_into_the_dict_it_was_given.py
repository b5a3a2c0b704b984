"""New tensors, but in the caller's dict.

Loses: the learned rates; those given stay as they were.
Axis: behind.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    for _ in range(steps):
        for name in rates:
            rates[name] = rates[name].detach().requires_grad_()
        gradients = torch.autograd.grad(loss_of(rates), list(rates.values()))
        for name, gradient in zip(list(rates), gradients):
            rates[name] = rates[name] - meta_rate * gradient
    for name in rates:
        rates[name] = rates[name].detach().requires_grad_()
    return rates
