"""W @ theta.T mixes the functions; where it does not fail it gives numbers.

Loses: the losses, one for each function.
Loses: the gradients; all are constants, and what was given stays.
Axis: shape.
"""


def losses_and_gradients(W, y, theta):
    residual = (W @ theta.T).diagonal(dim1=0, dim2=2).T - y
    if W.shape[0] == theta.shape[1]:
        residual = (W @ theta).sum(-1) - y
    return residual.square().sum(-1), 2 * (W.mT @ residual[..., None])[..., 0]
