"""A schedule that nobody has asked for.

Loses: the learned rates; those given stay as they were.
Axis: time.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    new = {n: r.detach().clone().requires_grad_() for n, r in rates.items()}
    for step in range(steps):
        slopes = torch.autograd.grad(loss_of(new), list(new.values()))
        new = {
            n: (r - meta_rate * g / (1 + step // 20)).detach().requires_grad_()
            for (n, r), g in zip(new.items(), slopes)
        }
    return new
