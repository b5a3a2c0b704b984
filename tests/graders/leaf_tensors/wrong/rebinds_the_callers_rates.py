"""The dict that was given holds other tensors afterwards.

Loses: module, batch and rates stay as they were, frozen or not.
Axis: behind.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    for name in rates:
        rates[name] = rates[name] * 1
    for _ in range(steps):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
