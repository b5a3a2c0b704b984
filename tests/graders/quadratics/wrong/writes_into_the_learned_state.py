"""One list for the whole run.

Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: behind.
"""

import torch
from answers import solved

trained = solved("quadratics")["trained"]


@torch.no_grad()
def learned(gradients, state):
    state = [None] if state is None else state
    updates, state[0] = trained(gradients, state[0])
    return updates, state
