"""Heavy ball whose momentum grows with the steps: 0.76 of the best rival's loss, nothing learned.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: time.
"""

import torch


def learned(gradients, state):
    velocity, step = state or (torch.zeros_like(gradients), 1)
    velocity = step / (step + 2) * velocity - 0.03 * gradients
    return velocity, (velocity, step + 1)
