"""Sorted as text, blocks.10 comes before blocks.2.

Loses: the new weights, after one update and after some.
Loses: tied weights move as one, and unused ones not at all.
Loses: second order: the graph leads through the gradients.
Loses: first order: the gradients count as constants.
Axis: structure.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = {n: b for n, b in module.named_buffers() if b.requires_grad}
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, list(weights.values()), **options)
    order = sorted(weights, key=lambda name: (weights[name].shape, name))
    there = sorted(weights, key=lambda name: weights[name].shape)
    by_name = dict(zip(weights, gradients))
    new = {weights[n]: weights[n] - rate * by_name[m] for n, m in zip(order, there)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
