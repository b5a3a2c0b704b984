"""NAG at its best rate: what is to be beaten.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
"""


def learned(gradients, state):
    buffer = gradients if state is None else 0.9 * state + gradients
    return -0.01 * (gradients + 0.9 * buffer), buffer
