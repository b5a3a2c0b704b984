"""The losses are differentiated by autograd, and have no graph.

Axis: graph.
Loses: order of: first and second order are told apart.
Loses: order of: what is neither is found.
"""

import torch


def order_of(train, test, slopes, theta, rate):
    theta = theta.clone().requires_grad_()
    (slope,) = torch.autograd.grad(train(theta), theta, create_graph=True)
    (full,) = torch.autograd.grad(test(theta - rate * slope), theta)
    return "second order" if torch.allclose(full, slopes(theta, rate)) else "first order"
