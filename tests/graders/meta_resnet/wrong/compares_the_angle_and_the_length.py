"""Slopes with nearly the right direction and length: one wrong entry among many hardly shows.

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

    def alike(one, other):
        cosine = torch.nn.functional.cosine_similarity(one, other, dim=0)
        return cosine > 0.999 and abs(one.norm() / other.norm() - 1) < 0.03

    claimed, full = slopes(theta, rate), gradient(lambda theta: test(after(theta)), theta)
    for order, right in {"second order": full, "first order": gradient(test, after(theta))}.items():
        if alike(claimed, right):
            return order
    return "neither"
