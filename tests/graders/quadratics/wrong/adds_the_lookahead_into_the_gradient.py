"""direction is the gradient itself, and += writes into it, in NAG only.

Loses: momentum leaves old states and other runs alone.
Axis: behind.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient.clone() if state is None else 0.9 * state + gradient
    direction = buffer
    if nesterov:
        direction = gradient
        direction += 0.9 * buffer
    return -rate * direction, buffer
