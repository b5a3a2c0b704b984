"""A window, as in long trainings; all paths were asked for.

Loses: its derivative in each rate, through all steps.
Axis: time.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}

    def loss_at(weights):
        return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)

    for step in range(steps):
        if step == steps - 20:
            weights = {n: w.detach().requires_grad_() for n, w in weights.items()}
        gradients = torch.autograd.grad(loss_at(weights), weights.values(), create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return loss_at(weights)
