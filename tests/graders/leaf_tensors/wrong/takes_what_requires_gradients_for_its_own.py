"""Rates that require gradients already are learned as they are, also where names share one.

Axis: ties.
Loses: the learned rates; those given stay as they were.
"""

import torch


def learn_rates(loss_of, rates, meta_rate, steps):
    now = dict(rates)
    for name, rate in now.items():
        if rate.grad_fn is not None or not rate.requires_grad:
            now[name] = rate.detach().clone().requires_grad_()
    for _ in range(steps):
        g = torch.autograd.grad(loss_of(now), list(now.values()))
        now = {n: (now[n] - meta_rate * d).detach().requires_grad_() for n, d in zip(now, g)}
    return now
