"""The module is copied once, deeply; a result that it holds has no such copy.

Axis: structure.
Loses: module, batch and rates stay as they were, frozen or not.
"""

import copy

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    own = copy.deepcopy(module)
    names = [n for n, _ in own.named_parameters()]
    now = [p.detach().requires_grad_() for p in own.parameters()]
    for step in range(steps + 1):
        loss = F.mse_loss(functional_call(own, dict(zip(names, now)), (x,)), y)
        if step < steps:
            gradients = torch.autograd.grad(loss, now, create_graph=True)
            now = [w - rates[n] * g for n, w, g in zip(names, now, gradients)]
    return loss
