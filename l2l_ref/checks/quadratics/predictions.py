"""What comes out where a student of exercise 04 guesses first, and why."""

import torch

from ..predicting import Prediction, Predictions


def first_update() -> float:
    """The size of Adam's first update for a gradient of a millionth."""
    theta = torch.zeros((), dtype=torch.float64, requires_grad=True)
    theta.grad = torch.tensor(1e-6, dtype=torch.float64)
    torch.optim.Adam([theta], lr=0.1).step()
    return abs(theta.item())


def grows(rate: float, momentum: float) -> bool:
    """Whether descent on 50 theta^2, whose slope is 100 theta, ends above its start."""
    theta = torch.ones((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=rate, momentum=momentum)
    for _ in range(200):
        optimizer.zero_grad()
        (50 * theta**2).backward()
        optimizer.step()
    return abs(theta.item()) > 1


#: Each with its rate and its momentum.
RUNS = {
    "gradient descent, 0.01": (0.01, 0.0),
    "gradient descent, 0.03": (0.03, 0.0),
    "momentum, 0.03": (0.03, 0.9),
    "momentum, 0.05": (0.05, 0.9),
}


def functions_needed() -> float:
    """How many quadratics give the mean of gradient descent's capped sums to one percent."""
    generator = torch.Generator().manual_seed(0)
    W = torch.randn(4000, 10, 10, generator=generator)
    y = torch.randn(4000, 10, generator=generator)
    theta, sums = torch.zeros_like(y), torch.zeros(4000)
    for _ in range(100):
        rest = (W @ theta[:, :, None])[:, :, 0] - y
        sums += rest.square().sum(1).minimum(10 * y.square().sum(1))
        theta = theta - 0.01 * 2 * (W.mT @ rest[:, :, None])[:, :, 0]
    return float((1.96 * sums.std() / sums.mean() / 0.01) ** 2)


predict = Predictions(
    "quadratics",
    {
        "first_update": Prediction(
            first_update,
            "At the first step the corrected mean is the gradient and the corrected mean square is "
            "its square, so the update is the rate, whatever the size of the gradient, as long as "
            "that is large beside 1e-8. A gradient of a millionth moves theta as far as one of a "
            "million.",
            factor=1.2,
        ),
        "grows": Prediction(
            lambda: [name for name, (rate, momentum) in RUNS.items() if grows(rate, momentum)],
            "Each step of gradient descent multiplies theta by 1 - 100 rate, which is -2 at the "
            "rate 0.03: 1, -2, 4, -8. Momentum goes 1, -2, 1.3, 0.37: on the other side its buffer "
            "still holds 0.9 of the gradient of the first side, which takes from the new one, so "
            "that the way back is shorter. At 0.05 that is not enough: 1, -4, 11.5, -32. (On a "
            "function with the slope 100 theta, gradient descent grows at rates above 2 / 100, and "
            "momentum at rates above 2 (1 + 0.9) / 100 = 0.038. Whatever the rate, on a function "
            "that is steep enough either of them grows.)",
            choices=tuple(RUNS),
            several=True,
        ),
        "functions_needed": Prediction(
            functions_needed,
            "The sums of single functions differ by 84 % of their mean, and the interval of a mean "
            "shrinks with the root of their number: 1.96 * 84 % / root of n is 1 % at 27,000. Ten "
            "functions leave 52 %. Whoever compares two optimizers on ten functions compares luck, "
            "unless both meet the same ones.",
            factor=1.7,
        ),
    },
)
