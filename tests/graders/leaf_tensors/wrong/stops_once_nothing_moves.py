"""At rates of 0 the loss stays as it is, and further steps seem to be in vain.

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

    for _ in range(steps):
        gradients = torch.autograd.grad(loss_at(weights), weights.values(), create_graph=True)
        moved = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
        still = all(torch.equal(moved[n], w) for n, w in weights.items())
        weights = moved
        if still:
            break
    return loss_at(weights)
