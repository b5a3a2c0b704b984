"""Each step hangs on the one before.

Loses: every step begins with leaves, and the result is leaves.
Axis: graph.
Axis: resources.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    rates = {name: rate.detach().requires_grad_() for name, rate in rates.items()}
    for _ in range(steps):
        gradients = torch.autograd.grad(loss_of(rates), list(rates.values()))
        rates = {n: r - meta_rate * g for (n, r), g in zip(rates.items(), gradients)}
    return rates
