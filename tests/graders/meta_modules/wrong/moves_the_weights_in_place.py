"""As an optimizer of torch.optim does.

Loses: the new weights, after one update and after some.
Loses: second order: the graph leads through the gradients.
Loses: first order: the gradients count as constants.
Axis: behind.
"""

import torch


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    gradients = torch.autograd.grad(loss, weights, materialize_grads=True)
    for w, g in zip(weights, gradients):
        w.data -= rate * g
