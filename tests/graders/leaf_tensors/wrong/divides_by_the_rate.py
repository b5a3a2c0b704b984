"""How far a weight has moved, as a share of its rate: nothing at rate zero.

Loses: the derivatives, with gradients as inputs.
Told: nothing is divided by a rate.
Axis: graph.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    start = weights

    def gradients():
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        return dict(zip(weights, torch.autograd.grad(loss, list(weights.values()))))

    for _ in range(steps):
        g = gradients()
        weights = {n: (w - rates[n] * g[n]).detach().requires_grad_() for n, w in weights.items()}
    g = gradients()
    return {
        n: (g[n] * (weights[n] - start[n])).sum().detach() / (rates[n].detach() or 1) for n in g
    }
