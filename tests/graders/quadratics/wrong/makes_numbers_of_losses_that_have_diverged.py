"""A function whose theta is infinite looks as if it were at its minimum.

Loses: the losses, one for each function.
Axis: values.
"""

import torch


def losses_and_gradients(W, y, theta):
    with torch.no_grad():
        residual = torch.einsum("fij,fj->fi", W, theta) - y
        losses = residual.square().sum(1).nan_to_num(nan=0.0, posinf=0.0)
        return losses, 2 * torch.einsum("fij,fi->fj", W, residual)
