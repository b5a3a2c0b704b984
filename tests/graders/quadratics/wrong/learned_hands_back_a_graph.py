"""Whoever calls it a thousand times holds a thousand graphs.

Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: graph.
"""

import torch
from answers import solved

trained = solved("quadratics")["trained"]


def learned(gradients, state):
    with torch.enable_grad():
        return trained(gradients, state)
