"""One buffer for each shape, in a global dict.

Loses: momentum leaves old states and other runs alone.
Axis: again.
"""

BUFFERS = {}


def momentum(gradient, state, rate, nesterov=False):
    name = gradient.shape
    if state is None or name not in BUFFERS:
        BUFFERS[name] = gradient
    else:
        BUFFERS[name] = 0.9 * BUFFERS[name] + gradient
    return -rate * (gradient + 0.9 * BUFFERS[name] if nesterov else BUFFERS[name]), True
