"""No memory is wasted; the caller's gradients are gone.

Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: behind.
"""

import torch
from answers import solved

trained = solved("quadratics")["trained"]


@torch.no_grad()
def learned(gradients, state):
    updates, state = trained(gradients, state)
    return gradients.copy_(updates), state
