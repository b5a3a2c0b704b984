"""All pairs of functions and thetas, and zeros for those that are not wanted.

Loses: the losses, one for each function.
Axis: values.
"""

import torch


def losses_and_gradients(W, y, theta):
    with torch.no_grad():
        pairs = torch.einsum("fij,kj->fki", W, theta)
        rest = (torch.eye(len(y), dtype=y.dtype)[..., None] * pairs).sum(1) - y
        return rest.square().sum(1), 2 * (W.mT @ rest[..., None])[..., 0]
