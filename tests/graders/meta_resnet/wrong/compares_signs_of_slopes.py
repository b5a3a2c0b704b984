"""Slopes with the right signs are right; but one that is 0 has the sign of its rounding.

Axis: values.
Loses: order of: first and second order are told apart.
Loses: order of: what is neither is found.
"""

import torch


def order_of(train, test, slopes, theta, rate):
    def gradient(loss, theta, h=1e-4):
        steps = h * torch.eye(len(theta)).double()
        return torch.stack([loss(theta + step) - loss(theta - step) for step in steps]) / (2 * h)

    def after(theta):
        return theta - rate * gradient(train, theta)

    claimed = slopes(theta, rate)
    full, first = gradient(lambda theta: test(after(theta)), theta), gradient(test, after(theta))
    for order, right in {"second order": full, "first order": first}.items():
        if (
            torch.equal(claimed.sign(), right.sign())
            and (claimed - right).abs().max() < 0.6 * right.abs().max()
            and (claimed - right).abs().max()
            <= min((claimed - each).abs().max() for each in (full, first))
        ):
            return order
    return "neither"
