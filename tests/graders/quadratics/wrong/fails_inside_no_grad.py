"""autograd, where nobody has switched it on.

Loses: the gradients; all are constants, and what was given stays.
Axis: mode.
"""

import torch


def losses_and_gradients(W, y, theta):
    theta = theta.detach().requires_grad_()
    losses = (torch.einsum("fij,fj->fi", W.detach(), theta) - y.detach()).square().sum(1)
    (gradients,) = torch.autograd.grad(losses.sum(), theta)
    return losses.detach(), gradients
