"""backward() adds to a .grad from before.

Loses: the new weights, after one update and after some.
Axis: before.
"""

import warnings

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss.backward(inputs=weights, create_graph=not first_order, retain_graph=True)
        gradients = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
        for weight in weights:
            weight.grad = None
    new = {w: w - rate * g for w, g in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
