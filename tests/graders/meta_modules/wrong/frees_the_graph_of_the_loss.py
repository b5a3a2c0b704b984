"""The sum of all losses is what a rate is learned from, often.

Loses: first order: the gradients count as constants.
Axis: graph.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    options = {"create_graph": not first_order, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, weights, **options)
    new = {w: w - rate * g for w, g in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
