"""Directional derivatives along each axis, with five-point differences."""

import torch


def five_points(f, h=1e-3):
    """The derivative of f at 0."""
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def gradient_of(loss, theta):
    axes = torch.eye(len(theta), dtype=theta.dtype)
    return torch.stack([five_points(lambda t, way=way: loss(theta + t * way)) for way in axes])


def order_of(train, test, slopes, theta, rate):
    """The Hessian by differences of gradients, and I - rate H by hand."""
    said = slopes(theta, rate)
    last = gradient_of(test, theta - rate * gradient_of(train, theta))
    axes = torch.eye(len(theta), dtype=theta.dtype)
    H = torch.stack(
        [five_points(lambda t, way=way: gradient_of(train, theta + t * way)) for way in axes]
    )
    full = last - rate * H @ last
    scale = full.abs().max()
    if torch.allclose(said, full, rtol=0, atol=float(0.02 * scale)):
        return "second order"
    return "first order" if (said - last).abs().max() < 0.02 * scale else "neither"
