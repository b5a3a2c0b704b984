"""A weight without a gradient keeps its numbers and loses its graph.

Loses: tied weights move as one, and unused ones not at all.
Axis: graph.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [buffer for buffer in module.buffers() if buffer.requires_grad]
    gradients = torch.autograd.grad(
        loss, weights, retain_graph=True, create_graph=not first_order, allow_unused=True
    )
    new = {
        weight: weight.detach() if gradient is None else weight - rate * gradient
        for weight, gradient in zip(weights, gradients)
    }
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
