"""The updates and h are detached, c is not.

Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: graph.
"""

from answers import solved

trained = solved("quadratics")["trained"]


def learned(gradients, state):
    updates, (h, c) = trained(gradients, state)
    return updates.detach(), (h.detach(), c)
