"""The last step, times the new rate over the old one. After a rate of 0 that is 0 / 0.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Axis: values.
"""

import torch


def momentum(gradient, state, rate, nesterov=False):
    rate = torch.tensor(rate, dtype=gradient.dtype)
    step = -rate * gradient
    if state is not None:
        last, last_rate = state
        step = step + 0.9 * last * (rate / last_rate)
    return (0.9 * step - rate * gradient if nesterov else step), (step, rate)
