"""Copies of the buffers have numbers alone; a result that lies there may lead back to a rate.

Axis: graph.
Loses: that derivative, also along what the module holds.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    own = {n: b.detach().clone() for n, b in module.named_buffers()}
    now = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    loss = F.mse_loss(functional_call(module, own | now, (x,)), y)
    for _ in range(steps):
        g = torch.autograd.grad(loss, list(now.values()), create_graph=True)
        now = {n: now[n] - rates[n] * each for n, each in zip(now, g)}
        loss = F.mse_loss(functional_call(module, own | now, (x,)), y)
    return loss
