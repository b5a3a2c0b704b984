"""backward() passes through rates that are results, to the leaves behind them.

Axis: behind.
Loses: module and rates stay as they were, and a second call agrees.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    own = {n: r.detach().requires_grad_() if r.is_leaf else r * 1 for n, r in rates.items()}
    for rate in own.values():
        rate.retain_grad()
    theta = {n: p.detach().requires_grad_() for n, p in module.named_parameters()}

    def loss_at(weights):
        return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)

    for _ in range(steps):
        gradients = torch.autograd.grad(loss_at(theta), list(theta.values()))
        theta = {n: w - own[n] * g for (n, w), g in zip(theta.items(), gradients)}
    loss_at(theta).backward()
    return {n: own[n].grad for n in rates}
