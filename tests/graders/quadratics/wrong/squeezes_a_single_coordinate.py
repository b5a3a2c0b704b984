"""squeeze() takes away the dimension of the coordinates, if there is one only.

Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: shape.
"""

import torch
from answers import solved

trained = solved("quadratics")["trained"]


@torch.no_grad()
def learned(gradients, state):
    h, c = trained.cell(gradients[:, None], state)
    return 0.1 * trained.output(h).squeeze(), (h, c)
