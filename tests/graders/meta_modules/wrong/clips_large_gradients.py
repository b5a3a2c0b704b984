"""A gradient of a hundred thousand is a gradient.

Loses: the new weights, after one update and after some.
Axis: values.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, weights, **options)
    new = {w: w - rate * g.clamp(-1e5, 1e5) for w, g in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
