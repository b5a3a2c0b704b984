"""The rate is what the course wants to differentiate in.

Loses: second order: the graph leads through the gradients.
Loses: first order: the gradients count as constants.
Axis: graph.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    gradients = torch.autograd.grad(
        loss, weights, retain_graph=True, create_graph=not first_order, materialize_grads=True
    )
    new = {w: w - float(rate) * g for w, g in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
