"""Pairs parameters with rates by their order, not by their names.

Loses: the loss after the last step.
Axis: structure.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    for _ in range(steps):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        weights = {
            n: w - rate * g for (n, w), g, rate in zip(weights.items(), gradients, rates.values())
        }
    return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
