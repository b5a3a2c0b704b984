"""What comes out where a student of exercise 03 guesses first, and why."""

import math

import torch
from torch import nn

from ..predicting import Prediction, Predictions


def first_number() -> float:
    """What log-and-sign makes of the gradient 0.00001, with p = 10: the first number."""
    gradient, p = 1e-5, 10.0
    return math.log(gradient) / p if gradient >= math.exp(-p) else -1.0


def with_a_graph() -> list[str]:
    """What has a graph after two updates in which gradients are constants."""
    torch.manual_seed(0)
    cell, output = nn.LSTMCell(1, 4), nn.Linear(4, 1)
    theta, h, c = torch.ones(3), torch.zeros(3, 4), torch.zeros(3, 4)
    for _ in range(2):
        place = theta.detach().requires_grad_()
        (nabla,) = torch.autograd.grad(place.square().sum(), place)
        h, c = cell(nabla[:, None], (h, c))
        theta = theta + output(h)[:, 0]
    found = {"theta": theta, "h": h, "c": c, "nabla": nabla}
    return [name for name, tensor in found.items() if tensor.requires_grad]


def reached() -> float:
    """In how many of five windows the losses have a graph that leads to the first window's phi."""
    phis = [torch.ones((), requires_grad=True) for _ in range(5)]  # one and the same number
    theta, reaching = torch.ones(()), 0
    for phi in phis:
        theta, losses = theta.detach(), []
        for _ in range(20):
            theta = theta - 0.01 * phi * theta.detach()
            losses.append(theta.square())
        total = torch.stack(losses).sum()
        (slope,) = torch.autograd.grad(total, phis[0], allow_unused=True)
        reaching += slope is not None
    return float(reaching)


predict = Predictions(
    "lstm_optimizer",
    {
        "first_number": Prediction(
            first_number,
            "The threshold is e^-10, about 0.000045, and this gradient lies below it. So the first "
            "number is -1, and the size is told by the second one, e^10 times the gradient: 0.22. "
            "The logarithm over p would be -1.15; it is never shown.",
            factor=1.02,
        ),
        "with_a_graph": Prediction(
            with_a_graph,
            "The gradient goes in as a constant, but the weights of the cell require gradients. So "
            "the new h and c have a graph, theta has one through the updates, and a window can be "
            "differentiated. Only the gradients themselves are cut off: these are the dashed "
            "edges.",
            choices=("theta", "h", "c", "nabla"),
            several=True,
        ),
        "reached": Prediction(
            reached,
            "Each window begins with theta and state as constants. A loss of the second window "
            "does depend on the updates of the first, but no graph leads there. So the first "
            "updates answer for the losses of their own window, one of five. What they do to the "
            "others is not counted: training looks no further ahead than one window.",
            factor=1.02,
        ),
    },
)
