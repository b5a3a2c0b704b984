"""The last factor of the chain rule is the gradient at weights that have one step to go.

Loses: the derivatives, with gradients as inputs.
Told: the gradient before the last update for a last factor.
Axis: time.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    sums = dict.fromkeys(weights, 0)
    for _ in range(steps):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        slopes = dict(zip(weights, torch.autograd.grad(loss, list(weights.values()))))
        sums = {name: sums[name] + slope for name, slope in slopes.items()}
        moved = {name: w - rates[name] * slopes[name] for name, w in weights.items()}
        weights = {name: w.detach().requires_grad_() for name, w in moved.items()}
    return {name: -(sums[name] * slopes[name]).sum() for name in rates}
