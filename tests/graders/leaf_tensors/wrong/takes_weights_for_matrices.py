"""The trace of a product is the inner product of two matrices, and of nothing else.

Loses: the derivatives, with gradients as inputs.
Axis: shape.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def inner(a, b):
    return a @ b if a.ndim == 1 else torch.trace(a.T @ b)


def first_order(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    total = {n: torch.zeros_like(w) for n, w in weights.items()}

    def gradients():
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        return dict(zip(weights, torch.autograd.grad(loss, list(weights.values()))))

    for _ in range(steps):
        g = gradients()
        total = {n: total[n] + g[n] for n in g}
        weights = {n: (w - rates[n] * g[n]).detach().requires_grad_() for n, w in weights.items()}
    g = gradients()
    return {n: -inner(g[n], total[n]) for n in g}
