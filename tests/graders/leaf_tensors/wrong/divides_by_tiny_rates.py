"""The way of the weights over the rate, which float32 rounds away where the rate is tiny.

Axis: values.
Loses: the derivatives, with gradients as inputs.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def first_order(module, x, y, rates, steps):
    buffers = {name: b.detach().clone() for name, b in module.named_buffers()}
    weights = {n: p.detach().clone().requires_grad_() for n, p in module.named_parameters()}
    start, way = weights, None
    for step in range(steps + 1):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        gradients = dict(zip(weights, torch.autograd.grad(loss, list(weights.values()))))
        if step == steps:
            break
        way = gradients if way is None else {n: way[n] + g for n, g in gradients.items()}
        weights = {
            n: (w - rates[n] * gradients[n]).detach().requires_grad_() for n, w in weights.items()
        }
    found = {}
    for name, rate in rates.items():
        stretch = -way[name] if rate == 0 else (weights[name] - start[name]) / rate
        found[name] = (stretch * gradients[name]).sum().detach()
    return found
