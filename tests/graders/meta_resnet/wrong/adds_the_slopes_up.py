"""The sum of the slopes is compared: the derivative in one direction only.

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

    claimed, full = slopes(theta, rate), gradient(lambda theta: test(after(theta)), theta)
    for order, right in {"second order": full, "first order": gradient(test, after(theta))}.items():
        if (claimed - right).sum().abs() < 0.002 * full.abs().max():
            return order
    return "neither"
