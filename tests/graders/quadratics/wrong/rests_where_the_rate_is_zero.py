"""At a rate of 0 nothing moves, but a gradient has been met all the same.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: RMSprop is torch's, for small gradients too.
Loses: Adam is torch's.
Axis: values.
"""

import torch
from answers import solved


def resting(rule):
    def step(gradient, state, rate, **options):
        if rate == 0:
            return torch.zeros_like(gradient), state
        return rule(gradient, state, rate, **options)

    return step


momentum, rmsprop, adam = (
    resting(solved("quadratics")[name]) for name in ("momentum", "rmsprop", "adam")
)
