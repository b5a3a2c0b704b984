"""requires_grad_() acts on the very tensor that the caller holds.

Loses: the learned rates; those given stay as they were.
Axis: behind.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    rates = {n: (r if r.is_leaf else r.detach()).requires_grad_() for n, r in rates.items()}
    for _ in range(steps):
        gradients = torch.autograd.grad(loss_of(rates), list(rates.values()))
        rates = {
            n: (r - meta_rate * g).detach().requires_grad_()
            for (n, r), g in zip(rates.items(), gradients)
        }
    return rates
