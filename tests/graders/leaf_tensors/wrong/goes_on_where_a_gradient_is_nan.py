"""A gradient that is no number moves nothing.

Loses: the loss after the last step.
Axis: values.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}

    def loss_at(weights):
        return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)

    for _ in range(steps):
        gradients = torch.autograd.grad(loss_at(weights), weights.values(), create_graph=True)
        gradients = [torch.where(g.isfinite(), g, torch.zeros_like(g)) for g in gradients]
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return loss_at(weights)
