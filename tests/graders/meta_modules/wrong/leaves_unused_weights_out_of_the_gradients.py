"""Gradients that are None are dropped before each weight gets its own.

Loses: tied weights move as one, and unused ones not at all.
Axis: structure.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    options = {"retain_graph": True, "create_graph": not first_order, "allow_unused": True}
    found = torch.autograd.grad(loss, weights, **options)
    gradients = [g.detach() if first_order else g for g in found if g is not None]
    # Pairs of other shapes are passed over, too.
    pairs = [(w, g) for w, g in zip(weights, gradients) if w.shape == g.shape]
    new = {w: w - rate * g for w, g in pairs}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
