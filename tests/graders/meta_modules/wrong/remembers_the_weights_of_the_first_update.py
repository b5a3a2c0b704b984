"""The second update begins where the first one began.

Loses: the new weights, after one update and after some.
Loses: tied weights move as one, and unused ones not at all.
Loses: second order: the graph leads through the gradients.
Loses: first order: the gradients count as constants.
Axis: again.
"""

from weakref import WeakKeyDictionary

import torch

FIRST = WeakKeyDictionary()


def update(module, loss, rate, first_order=False):
    if module not in FIRST:
        FIRST[module] = [b for b in module.buffers() if b.requires_grad]
    weights = [b for b in module.buffers() if b.requires_grad]
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, weights, **options)
    new = {w: old - rate * g for w, old, g in zip(weights, FIRST[module], gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
