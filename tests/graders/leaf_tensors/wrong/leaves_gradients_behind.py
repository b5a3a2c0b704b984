"""backward() adds to .grad of everything, and so does the next call.

Loses: module and rates stay as they were, and a second call agrees.
Axis: behind.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    for _ in range(steps):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()))
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    F.mse_loss(functional_call(module, weights | buffers, (x,)), y).backward()
    return {name: rate.grad for name, rate in rates.items()}
