"""Conjugate directions over all coordinates together: no order is needed, and nothing is learned.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
Axis: shape.
"""


def learned(gradients, state):
    before, direction, step = state or (None, None, 1)
    if before is None:
        direction = -gradients
    else:
        along = gradients @ (gradients - before) / (before @ before)
        direction = -gradients + along.clamp(0, 1) * direction
    return 0.025 * direction, (gradients, direction, step + 1)
