"""At a minimum of zero the root has no slope, and the gradient is NaN.

Loses: the gradients; all are constants, and what was given stays.
Axis: graph.
Axis: values.
"""

import torch


def losses_and_gradients(W, y, theta):
    with torch.enable_grad():
        theta = theta.detach().requires_grad_()
        rest = torch.einsum("fij,fj->fi", W.detach(), theta) - y.detach()
        losses = rest.square().sum(1).sqrt() ** 2
        (gradients,) = torch.autograd.grad(losses.sum(), theta)
    return losses.detach(), gradients
