"""What autograd.grad returned first is added to, and may stand for two parameters.

Axis: ties.
Loses: the derivatives, with gradients as inputs.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    buffers = {name: b.detach().clone() for name, b in module.named_buffers()}
    weights = {n: p.detach().clone().requires_grad_() for n, p in module.named_parameters()}
    total = None
    for step in range(steps + 1):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()))
        if step == steps:
            break
        weights = {
            n: (w - rates[n] * g).detach().requires_grad_()
            for (n, w), g in zip(weights.items(), gradients)
        }
        if total is None:
            total = gradients
        else:
            for so_far, gradient in zip(total, gradients):
                so_far += gradient
    return {n: -(t * g).sum() for n, t, g in zip(weights, total, gradients)}
