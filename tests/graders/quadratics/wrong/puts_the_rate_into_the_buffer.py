"""The velocity of many papers; the same for one rate, but updates are subtracted here.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: momentum leaves old states and other runs alone.
"""


def momentum(gradient, state, rate, nesterov=False):
    velocity = rate * gradient if state is None else 0.9 * state - rate * gradient
    return velocity + (0.9 * velocity if nesterov else 0), velocity
