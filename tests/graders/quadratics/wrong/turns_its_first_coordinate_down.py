"""The update of the first coordinate is halved: a place, where only gradients should count.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: shape.
"""

import torch
from answers import solved

trained = solved("quadratics")["trained"]


def learned(gradients, state):
    with torch.no_grad():
        updates, state = trained(gradients, state)
    return torch.cat([updates[:1] / 2, updates[1:]]), state
