"""Two runs that take turns get each other's state.

Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: again.
"""

import torch
from answers import solved

trained = solved("quadratics")["trained"]
kept = {}


@torch.no_grad()
def learned(gradients, state):
    updates, kept["state"] = trained(gradients, None if state is None else kept["state"])
    return updates, "kept"
