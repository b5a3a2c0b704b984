"""Buffers that require gradients are trained like parameters, at a rate of their own making.

Loses: module, batch and rates stay as they were, frozen or not.
Axis: structure.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}
    weights |= {n: b.detach().requires_grad_() for n, b in buffers.items() if b.requires_grad}
    mean = sum(rate.detach() for rate in rates.values()) / len(rates)

    def loss_at(weights):
        return F.mse_loss(functional_call(module, buffers | weights, (x,)), y)

    for _ in range(steps):
        gradients = torch.autograd.grad(loss_at(weights), weights.values(), create_graph=True)
        weights = {n: w - rates.get(n, mean) * g for (n, w), g in zip(weights.items(), gradients)}
    return loss_at(weights)
