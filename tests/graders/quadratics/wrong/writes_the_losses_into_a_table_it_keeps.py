"""The losses of a call are those of the next one, once there is one.

Loses: the gradients; all are constants, and what was given stays.
Axis: again.
"""

import torch

TABLES = {}


def losses_and_gradients(W, y, theta):
    with torch.no_grad():
        rest = (W @ theta[..., None])[..., 0] - y
        table = TABLES.setdefault((len(y), y.dtype), y.new_empty(len(y)))
        torch.sum(rest.square(), dim=1, out=table)
        return table, 2 * (W.mT @ rest[..., None])[..., 0]
