"""Momentum and NAG of many papers: a rate that changes reaches the old gradients too late.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Axis: time.
"""


def momentum(gradient, state, rate, nesterov=False):
    steps = rate * gradient if state is None else 0.9 * state + rate * gradient
    return -(rate * gradient + 0.9 * steps if nesterov else steps), steps
