"""What is in eval mode is believed not to write.

Loses: module, batch and rates stay as they were, frozen or not.
Axis: mode.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    parts = {path: part for path, part in module.named_modules() if part.training}
    buffers = {
        f"{path}.{n}".removeprefix("."): b.clone()
        for path, part in parts.items()
        for n, b in part.named_buffers(recurse=False)
    }
    weights = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}

    def loss_at(weights):
        return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)

    for _ in range(steps):
        gradients = torch.autograd.grad(loss_at(weights), weights.values(), create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return loss_at(weights)
