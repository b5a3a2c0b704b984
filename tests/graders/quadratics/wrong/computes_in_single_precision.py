"""float() on the way in, and back on the way out.

Loses: the losses, one for each function.
Axis: dtype.
"""

import torch


def losses_and_gradients(W, y, theta):
    with torch.no_grad():
        rest = (W.float() @ theta.float()[..., None])[..., 0] - y.float()
        gradients = 2 * (W.float().mT @ rest[..., None])[..., 0]
    return rest.square().sum(1).to(theta.dtype), gradients.to(theta.dtype)
