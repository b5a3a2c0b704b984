"""set_grad_enabled() stays as it is until somebody calls it again.

Loses: the gradients; all are constants, and what was given stays.
Axis: behind.
"""

import torch


def losses_and_gradients(W, y, theta):
    torch.set_grad_enabled(False)
    rest = (W @ theta[..., None])[..., 0] - y
    return rest.square().sum(1), 2 * (W.mT @ rest[..., None])[..., 0]
