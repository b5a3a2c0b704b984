"""mul_() and add_() write into the state that was given.

Loses: momentum leaves old states and other runs alone.
Axis: behind.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient.clone() if state is None else state.mul_(0.9).add_(gradient)
    return -rate * (gradient + 0.9 * buffer if nesterov else buffer), buffer
