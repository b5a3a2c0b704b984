"""A deep copy in which whatever has a graph is held as numbers; no rate is behind it."""

import copy

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    numbers = {}
    for part in module.modules():
        for held in (*vars(part).values(), *part._buffers.values()):
            if torch.is_tensor(held) and held.grad_fn is not None:
                numbers[id(held)] = held.detach().clone()
    own = copy.deepcopy(module, numbers)
    now = {n: p.detach().requires_grad_() for n, p in own.named_parameters()}
    for _ in range(steps):
        loss = F.mse_loss(functional_call(own, now, (x,)), y)
        g = torch.autograd.grad(loss, list(now.values()), create_graph=True)
        now = {n: now[n] - rates[n] * each for n, each in zip(now, g)}
    return F.mse_loss(functional_call(own, now, (x,)), y)
