"""The weights before the last step depend on the rates as well.

Loses: the derivatives, with gradients as inputs.
Axis: graph.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    for _ in range(steps):
        weights = {name: w.detach().requires_grad_() for name, w in weights.items()}
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()))
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
    return dict(zip(rates, torch.autograd.grad(loss, list(rates.values()))))
