"""The gradients are added up as long as some weight moves.

Loses: the derivatives, with gradients as inputs.
Axis: time.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


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
        before = weights
        weights = {n: (w - rates[n] * g[n]).detach().requires_grad_() for n, w in weights.items()}
        if all(torch.equal(before[n], w) for n, w in weights.items()):
            break
    g = gradients()
    return {n: -(g[n] * total[n]).sum() for n in g}
