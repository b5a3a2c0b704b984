"""The derivative of a square without its 2.

Loses: the gradients; all are constants, and what was given stays.
"""


def losses_and_gradients(W, y, theta):
    residual = (W @ theta[..., None])[..., 0] - y
    return residual.square().sum(-1), (W.mT @ residual[..., None])[..., 0]
