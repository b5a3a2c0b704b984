"""A rate below zero seems to make no sense, but may be the best one.

Loses: the learned rates; those given stay as they were.
Axis: values.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    new = {n: r.detach().clone().requires_grad_() for n, r in rates.items()}
    for _ in range(steps):
        slopes = torch.autograd.grad(loss_of(new), list(new.values()))
        new = {
            n: (r - meta_rate * g).detach().clamp(min=0).requires_grad_()
            for (n, r), g in zip(new.items(), slopes)
        }
    return new
