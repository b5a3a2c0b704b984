"""What counts as near is a share of the largest slope of either order.

Axis: values.
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
    orders = {"second order": full, "first order": gradient(test, after(theta))}
    largest = max(right.abs().max() for right in orders.values())
    for order, right in orders.items():
        if (claimed - right).abs().max() < 0.02 * largest:
            return order
    return "neither"
