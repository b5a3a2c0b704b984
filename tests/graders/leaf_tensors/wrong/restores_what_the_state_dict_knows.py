"""Buffers that are not in the state dict stay changed.

Loses: module, batch and rates stay as they were, frozen or not.
Axis: structure.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    before = {n: t.clone() for n, t in module.state_dict().items()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}

    def loss_at(weights):
        return F.mse_loss(functional_call(module, weights, (x,)), y)

    for _ in range(steps):
        gradients = torch.autograd.grad(loss_at(weights), weights.values(), create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    loss = loss_at(weights)
    module.load_state_dict(before)
    return loss
