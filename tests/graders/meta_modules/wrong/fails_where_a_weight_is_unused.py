"""autograd.grad refuses unless allow_unused=True.

Loses: tied weights move as one, and unused ones not at all.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    gradients = torch.autograd.grad(loss, weights, retain_graph=True, create_graph=not first_order)
    new = {w: w - rate * g for w, g in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
