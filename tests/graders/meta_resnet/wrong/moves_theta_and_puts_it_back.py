"""Differences are taken in theta itself, through a view without a trace, and then undone.

Loses: order of: first and second order are told apart.
Axis: behind.
"""

import torch


def order_of(train, test, slopes, theta, rate):
    def gradient(loss, at, h=1e-4):
        found, numbers = torch.empty_like(at), at.detach().numpy()
        for k, old in enumerate(numbers.copy()):
            numbers[k] = old + h
            up = loss(at)
            numbers[k] = old - h
            found[k] = (up - loss(at)) / (2 * h)
            numbers[k] = old
        return found

    def after(at):
        return at - rate * gradient(train, at.clone())

    claimed, full = slopes(theta, rate), gradient(lambda at: test(after(at)), theta)
    orders = {"second order": full, "first order": gradient(test, after(theta))}
    for order, right in orders.items():
        if (claimed - right).abs().max() < 0.01 * full.abs().max():
            return order
    return "neither"
