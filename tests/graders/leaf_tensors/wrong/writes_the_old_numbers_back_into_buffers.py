"""Numbers and buffers are right, but the graph has kept the buffers that are written into last.

Loses: its derivative in each rate, through all steps.
Axis: graph.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    own = list(module.buffers())
    old = [buffer.detach().clone() for buffer in own]
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    for _ in range(steps):
        loss = F.mse_loss(functional_call(module, weights, (x,)), y)
        by = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), by)}
    loss = F.mse_loss(functional_call(module, weights, (x,)), y)
    for buffer, numbers in zip(own, old):
        buffer.detach().copy_(numbers)
    return loss
