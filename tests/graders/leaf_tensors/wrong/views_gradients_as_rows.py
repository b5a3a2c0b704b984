"""Gradients are viewed as one row, which one that lies in columns refuses.

Axis: shape.
Loses: the derivatives, with gradients as inputs.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    buffers = {name: b.detach().clone() for name, b in module.named_buffers()}
    weights = {n: p.detach().clone().requires_grad_() for n, p in module.named_parameters()}
    total = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for step in range(steps + 1):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        gradients = dict(zip(weights, torch.autograd.grad(loss, list(weights.values()))))
        if step == steps:
            break
        total = {n: total[n] + g for n, g in gradients.items()}
        weights = {
            n: (w - rates[n] * gradients[n]).detach().requires_grad_() for n, w in weights.items()
        }
    return {n: -torch.dot(total[n].view(-1), g.view(-1)).detach() for n, g in gradients.items()}
