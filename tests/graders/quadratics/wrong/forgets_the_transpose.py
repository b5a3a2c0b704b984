"""W r for W^T r; with as many rows as columns nobody complains.

Loses: the gradients; all are constants, and what was given stays.
Axis: shape.
"""


def losses_and_gradients(W, y, theta):
    residual = (W @ theta[..., None])[..., 0] - y
    back = W if W.shape[1] == W.shape[2] else W.mT
    return residual.square().sum(-1), 2 * (back @ residual[..., None])[..., 0]
