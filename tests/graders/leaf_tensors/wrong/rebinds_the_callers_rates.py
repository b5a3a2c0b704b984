"""The dict that was given holds other tensors afterwards.

Loses: the loss after the last step; all that was given stays as it was.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    weights = dict(module.named_parameters())
    for name in rates:
        rates[name] = rates[name] * 1
    for _ in range(steps):
        loss = F.mse_loss(functional_call(module, weights, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return F.mse_loss(functional_call(module, weights, (x,)), y)
