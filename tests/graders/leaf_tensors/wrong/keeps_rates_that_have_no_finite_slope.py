"""A slope that is inf or NaN moves no rate.

Loses: the learned rates; those given stay as they were.
Axis: values.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    new = {n: r.detach().clone().requires_grad_() for n, r in rates.items()}
    for _ in range(steps):
        slopes = torch.autograd.grad(loss_of(new), list(new.values()))
        moved = [r - meta_rate * g if g.isfinite() else r for r, g in zip(new.values(), slopes)]
        new = {n: r.detach().requires_grad_() for n, r in zip(new, moved)}
    return new
