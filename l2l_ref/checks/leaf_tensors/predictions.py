"""What comes out where a student of exercise 01 guesses first, and why."""

import torch
from torch import nn

from ..predicting import Prediction, Predictions


def leaves() -> list[str]:
    """Which of some tensors are trainable leaves."""
    w = torch.ones(3, requires_grad=True)
    made = {
        "w.clone()": w.clone(),
        "w.detach()": w.detach(),
        "w.data.clone().requires_grad_()": w.data.clone().requires_grad_(),
        "nn.Parameter(2 * w)": nn.Parameter(2 * w),
    }
    return [name for name, tensor in made.items() if tensor.is_leaf and tensor.requires_grad]


def slope_through_a_parameter() -> str:
    """What a rate's ``.grad`` is when a step has gone through ``nn.Parameter``."""
    rate = torch.tensor(0.1, requires_grad=True)
    layer = nn.Linear(2, 1)
    layer(torch.ones(4, 2)).square().sum().backward()
    layer.weight = nn.Parameter(layer.weight - rate * layer.weight.grad)
    layer(torch.ones(4, 2)).square().sum().backward()
    return "None" if rate.grad is None else "0" if rate.grad == 0 else "a slope"


def first_order_over_full() -> float:
    """The slope with gradients as inputs, as a multiple of the full one, on theta^2 / 2."""

    def slope(create_graph: bool) -> torch.Tensor:
        rate = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
        theta = torch.ones((), dtype=torch.float64, requires_grad=True)
        for _ in range(2):
            (gradient,) = torch.autograd.grad(theta**2 / 2, theta, create_graph=create_graph)
            theta = theta - rate * gradient
        return torch.autograd.grad(theta**2 / 2, rate)[0]

    return (slope(create_graph=False) / slope(create_graph=True)).item()


predict = Predictions(
    "leaf_tensors",
    {
        "leaves": Prediction(
            leaves,
            "clone() is an operation, so its result remembers w. detach() cuts the graph and "
            "leaves a constant; requires_grad_() makes a leaf of a constant. nn.Parameter takes "
            "numbers alone, whatever it is given: it is a leaf that knows nothing of w.",
            several=True,
            choices=(
                "w.clone()",
                "w.detach()",
                "w.data.clone().requires_grad_()",
                "nn.Parameter(2 * w)",
            ),
        ),
        "through_a_parameter": Prediction(
            slope_through_a_parameter,
            "The right-hand side does have a graph that leads to the rate. nn.Parameter keeps its "
            "numbers and drops its graph, so the second loss begins at a leaf, and backward() "
            "never meets the rate. There is no error, because a tensor that nobody used is no "
            "mistake.",
            choices=("None", "0", "a slope", "an error"),
            misled={
                "a slope": "The rate has moved the weight, so the loss does change with it. Only "
                "autograd does not know.",
                "0": "0 would be a statement about the slope. Nothing was computed here at all.",
            },
        ),
        "first_order": Prediction(
            first_order_over_full,
            "From theta = 1 and with the rate 1/2, theta is 1, 1/2 and 1/4. With constant "
            "gradients theta_2 = 1 - rate (1 + 1/2), so d theta_2 / d rate is -3/2. In full, "
            "theta_2 = (1 - rate)^2, and its derivative is -2 (1 - 1/2) = -1. The larger step has "
            "made the second gradient smaller, and first order does not see it: it overstates what "
            "a larger rate brings.",
            factor=1.05,
        ),
    },
)
