"""Weights with equal numbers get the update of the first.

Loses: the new weights, after one update and after some.
Axis: values.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [buffer for buffer in module.buffers() if buffer.requires_grad]
    gradients = torch.autograd.grad(
        loss, weights, retain_graph=True, create_graph=not first_order, materialize_grads=True
    )
    new = [weight - rate * gradient for weight, gradient in zip(weights, gradients)]
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            for weight, updated in zip(weights, new):
                if buffer is not None and torch.equal(buffer, weight):
                    setattr(owner, name, updated)
                    break
