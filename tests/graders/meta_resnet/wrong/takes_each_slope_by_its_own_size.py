"""Each slope must be right to a share of its own: one that is 0 never is.

Axis: values.
Loses: order of: first and second order are told apart.
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
        if torch.allclose(claimed, right, rtol=0.01, atol=0.0):
            return order
    return "neither"
