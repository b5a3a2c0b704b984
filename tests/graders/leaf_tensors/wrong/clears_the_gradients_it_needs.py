"""backward() adds to what is in .grad, and None is not what was there.

Loses: module, batch and rates stay as they were, frozen or not.
Axis: before.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after(module, x, y, rates, steps):
    buffers = {n: b.clone() for n, b in module.named_buffers()}
    own = weights = dict(module.named_parameters())
    for step in range(steps):
        loss = F.mse_loss(functional_call(module, weights | buffers, (x,)), y)
        if step:
            gradients = torch.autograd.grad(loss, weights.values(), create_graph=True)
        else:
            gradients = backward(loss, own.values())
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)


def backward(loss, leaves):
    for leaf in leaves:
        leaf.grad = None
    loss.backward(inputs=list(leaves))
    gradients = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    return gradients
