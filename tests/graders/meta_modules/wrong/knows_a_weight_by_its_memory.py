"""Two leaves in the same memory get one new tensor.

Loses: the new weights, after one update and after some.
Axis: shape.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, weights, **options)
    new = {w.data_ptr(): w - rate * g for w, g in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer is not None and buffer.requires_grad:
                setattr(owner, name, new[buffer.data_ptr()])
