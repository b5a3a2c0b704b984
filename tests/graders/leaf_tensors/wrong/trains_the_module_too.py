"""The graph is right, but the module walks away with the new weights.

Loses: module, batch and rates stay as they were, frozen or not.
Axis: behind.
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
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
    for name, weight in module.named_parameters():
        weight.data = weights[name].detach()
    return loss
