"""The mean of the rows' means, where there may be no rows.

Loses: the loss after the last step.
Axis: shape.
"""

import torch
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}

    def loss_at(weights):
        return (functional_call(module, weights | buffers, (x,)) - y).square().mean(1).mean()

    for _ in range(steps):
        gradients = torch.autograd.grad(loss_at(weights), weights.values(), create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return loss_at(weights)
