"""The update as a derivative: no_grad around it, and there is none.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: mode.
"""

import torch
from answers import solved

trained = solved("quadratics")["trained"]


def learned(gradients, state):
    updates, (h, c) = trained(gradients, state)
    ahead = torch.zeros_like(gradients, requires_grad=True)
    (updates,) = torch.autograd.grad((ahead * updates.detach()).sum(), ahead)
    return updates, (h.detach(), c.detach())
