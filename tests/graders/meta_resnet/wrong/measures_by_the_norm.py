"""The difference of all slopes together is compared with all slopes together.

Axis: shape.
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
        if torch.dist(claimed, right) < 0.018 * full.norm():
            return order
    return "neither"
