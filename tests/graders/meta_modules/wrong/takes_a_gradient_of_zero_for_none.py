"""It is zero here, and a function of the weights all the same.

Loses: second order: the graph leads through the gradients.
Axis: graph.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, weights, **options)
    new = {w: w - rate * g for w, g in zip(weights, gradients) if g.any()}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
