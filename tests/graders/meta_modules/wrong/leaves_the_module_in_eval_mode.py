"""The update ends with eval().

Loses: the new weights, after one update and after some.
Axis: behind.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [buffer for buffer in module.buffers() if buffer.requires_grad]
    gradients = torch.autograd.grad(
        loss, weights, retain_graph=True, create_graph=not first_order, materialize_grads=True
    )
    new = {weight: weight - rate * gradient for weight, gradient in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
    module.eval()
