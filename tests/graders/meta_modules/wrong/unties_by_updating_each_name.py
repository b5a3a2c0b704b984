"""One new tensor for each name.

Loses: tied weights move as one, and unused ones not at all.
Axis: ties.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = {n: b for n, b in module.named_buffers(remove_duplicate=False) if b.requires_grad}
    gradients = torch.autograd.grad(
        loss,
        list(weights.values()),
        retain_graph=True,
        create_graph=not first_order,
        materialize_grads=True,
    )
    for (name, w), g in zip(weights.items(), gradients):
        path, _, last = name.rpartition(".")
        setattr(module.get_submodule(path), last, w - rate * g)
