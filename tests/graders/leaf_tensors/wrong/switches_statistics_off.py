"""Batch norm is told to keep no statistics, for good.

Loses: module and rates stay as they were, and a second call agrees.
Axis: behind.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    for part in module.modules():
        if hasattr(part, "track_running_stats") and part.training:
            part.track_running_stats = False
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    for step in range(steps + 1):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        if step < steps:
            gradients = torch.autograd.grad(loss, list(weights.values()))
            weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return dict(zip(rates, torch.autograd.grad(loss, list(rates.values()))))
