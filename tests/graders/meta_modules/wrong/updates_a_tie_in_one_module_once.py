"""Inside a module, named_buffers() gives a tied tensor once.

Loses: tied weights move as one, and unused ones not at all.
Axis: ties.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [buffer for buffer in module.buffers() if buffer.requires_grad]
    gradients = torch.autograd.grad(
        loss, weights, retain_graph=True, create_graph=not first_order, materialize_grads=True
    )
    new = {weight: weight - rate * gradient for weight, gradient in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner.named_buffers(recurse=False)):
            if buffer in new:
                setattr(owner, name, new[buffer])
