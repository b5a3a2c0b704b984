"""Whose rate does not learn, it seems, has done with the loss.

Loses: first order: the gradients count as constants.
Axis: graph.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    keeps = not first_order or isinstance(rate, torch.Tensor)
    options = {"create_graph": not first_order, "retain_graph": keeps, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, weights, **options)
    new = {w: w - rate * g for w, g in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
