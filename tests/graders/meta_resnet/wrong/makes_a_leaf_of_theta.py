"""The weights are made trainable.

Axis: before.
Axis: behind.
Loses: order of: first and second order are told apart.
"""

import torch


def order_of(train, test, slopes, theta, rate):
    theta.requires_grad_()

    def gradient(loss, theta, h=1e-4):
        steps = h * torch.eye(len(theta)).double()
        return torch.stack([loss(theta + step) - loss(theta - step) for step in steps]) / (2 * h)

    def after(theta):
        return theta - rate * gradient(train, theta)

    claimed = slopes(theta, rate)
    full, first = gradient(lambda theta: test(after(theta)), theta), gradient(test, after(theta))
    for order, right in {"second order": full, "first order": first}.items():
        if (claimed - right).detach().abs().max() < 0.01 * full.detach().abs().max():
            return order
    return "neither"
