"""The numbers are right, and the module is a trained one afterwards.

Loses: module and rates stay as they were, and a second call agrees.
Axis: behind.
"""

import torch
import torch.nn.functional as F


def first_order(module, x, y, rates, steps):
    named = dict(module.named_parameters())
    total = {name: torch.zeros_like(p) for name, p in named.items()}
    for step in range(steps + 1):
        gradients = torch.autograd.grad(F.mse_loss(module(x), y), list(named.values()))
        gradients = dict(zip(named, gradients))
        if step == steps:
            return {n: -(gradients[n] * total[n]).sum() for n in named}
        for n, p in named.items():
            total[n] += gradients[n]
            p.data -= rates[n].item() * gradients[n]
