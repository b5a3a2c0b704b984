"""The trainings that questions 4 and 5 of exercise 01 ask for."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from ..examining import normal, rate_near
from .networks import BATCHES, build, shapes_of
from .steps import AS_IT_IS, DIGITS, DOUBLE, in_double

PLAIN, LAYER = "an nn.Sequential of encoder and head", "nn.Linear(3, 2)"
FROZEN = "an nn.Sequential of encoder and head, with a frozen layer"
HOLDING = "an nn.Sequential of encoder and head, and a part that holds results"
TWELVE = "twelve layers in a row"
TWICE = "a network with one layer in two places"
SEVERAL = "a network that holds one parameter in several places"
PICTURES = "a convolution and a factor without dimensions"
STATISTICS = "a network with batch norm and a counter"
MIXED = (
    "a network in training mode with a batch norm in eval mode",
    "a network in eval mode with a batch norm in training mode",
)


@dataclass(frozen=True, eq=False)
class Training:
    """A training that is asked for.

    Args:
        network: see `NETWORKS`.
        steps: how many.
        words: what is special about it.
        rate: about how large the rates are.
        change: makes other numbers of those that were drawn.
        options: how `run._called` asks for it.
        idea: what to look at when the numbers are wrong here, beside what is said anyway.
    """

    network: str
    steps: int
    words: str = ""
    rate: float = 0.1
    change: Callable[[dict], dict] = lambda drawn: drawn
    options: dict = field(default_factory=dict)
    idea: str = ""

    def drawn(self, generator: torch.Generator) -> dict:
        """A network's weights, its data, and a rate for each of its weights."""
        weights = normal(shapes_of(self.network), generator)
        if self.network == TWELVE:  # close to the identity: nothing grows from layer to layer
            weights = {
                n: 0.1 * w + (torch.eye(2) if w.ndim == 2 else 0) for n, w in weights.items()
            }
        x = torch.randn(BATCHES.get(self.network, (8, 3)), generator=generator)
        y = torch.randn(build(self.network, weights)(x).shape, generator=generator)
        rates = {n: rate_near(self.rate, generator) for n in reversed(weights)}  # names count
        drawn = self.change({"weights": weights, "x": x, "y": y, "rates": rates})
        return drawn | {"network": self.network, "steps": self.steps} | self.options

    @property
    def given(self) -> str:
        """What was given, in words."""
        rates = "a rate for each parameter, the last one first"
        words = [self.network, rates, f"steps = {self.steps}", self.words]
        return ", ".join(filter(None, words))

    @property
    def tolerance(self) -> dict:
        """How far numbers may be off, for `close`."""
        return {"tolerance": DOUBLE} if self.change is in_double else {}


def without_batch(drawn: dict) -> dict:
    """With one input alone."""
    return drawn | {"x": drawn["x"][0], "y": drawn["y"][0]}


def with_zero_inputs(drawn: dict) -> dict:
    """With inputs that give the first weight no gradient."""
    return drawn | {"x": torch.zeros_like(drawn["x"])}


def without_loss(drawn: dict) -> dict:
    """With a layer that is right from the beginning, so that there is no gradient at all."""
    drawn = with_zero_inputs(drawn)
    return drawn | {"y": drawn["weights"]["bias"].expand_as(drawn["y"]).clone()}


def at_a_root(drawn: dict) -> dict:
    """With outputs of the layer that are all zero."""
    weights = drawn["weights"] | {"0.bias": torch.zeros(2)}
    return with_zero_inputs(drawn) | {"weights": weights}


def tiny(drawn: dict) -> dict:
    """With a tiny loss."""
    weights = {n: 1e-4 * w for n, w in drawn["weights"].items()}
    return drawn | {"weights": weights, "y": 1e-4 * drawn["y"]}


def with_zero_rates(drawn: dict) -> dict:
    """With rates that are zero, and one below it."""
    factors = zip(drawn["rates"].items(), (0.0, 1.0, -1.0, 0.0), strict=True)
    return drawn | {"rates": {name: factor * rate for (name, rate), factor in factors}}


def without_rates(drawn: dict) -> dict:
    """With rates that are all zero, so that nothing moves."""
    return drawn | {"rates": {name: 0 * rate for name, rate in drawn["rates"].items()}}


def with_tiny_rates(drawn: dict) -> dict:
    """With rates so small that float32 does not see the weights move."""
    factors = zip(drawn["rates"].items(), (1e-8, 1.0, 1e-8, 1.0), strict=True)
    return drawn | {"rates": {name: factor * rate for (name, rate), factor in factors}}


AT_ZERO = (
    "a rate of 0, or a tiny one, is a rate like any other: no step is left out there, and nothing "
    "is divided by a rate"
)
FLAT = "a gradient of 0 is a gradient like any other: no step is left out there"

LONG = {"network": LAYER, "steps": 60, "rate": 0.03}
ZERO_RATES = {
    "network": PLAIN,
    "steps": 3,
    "words": "some rates are 0, one below 0",
    "change": with_zero_rates,
    "idea": AT_ZERO,
}
NO_GRADIENT = {
    "network": LAYER,
    "steps": 2,
    "words": "the inputs are all zero",
    "change": with_zero_inputs,
    "idea": FLAT,
}
NO_RATE = {
    "network": PLAIN,
    "steps": 3,
    "words": "all rates are 0",
    "change": without_rates,
    "idea": AT_ZERO,
}
NO_LOSS = {
    "network": LAYER,
    "steps": 2,
    "words": "the loss is zero",
    "change": without_loss,
    "idea": FLAT,
}
IN_MIXED_MODES = [
    Training(network, 2, rate=0.02, idea="each part of the module computes in its own mode")
    for network in MIXED
]

#: Where the loss is judged, and the derivative with gradients as inputs.
NUMBERS = [
    Training(PLAIN, 1),
    Training(PLAIN, 4),
    Training(**LONG),
    Training(PLAIN, 3, "all in float64", change=in_double, idea=DIGITS),
    Training(PLAIN, 3, "in float32, where float64 is the default", options={"dtype": "float64"}),
    Training(LAYER, 5, "the rates are so large that the loss rises", rate=6.0, idea=AS_IT_IS),
    Training(LAYER, 3, "weights and targets are tiny", change=tiny),
    Training(PLAIN, 2, "without a batch dimension", rate=0.02, change=without_batch),
    Training(PICTURES, 2, "the batch is a transposed view", options={"views": True}),
    Training(TWELVE, 2, rate=0.01),
    Training(SEVERAL, 3, idea="a parameter moves in all its places; functional_call sees to it"),
    *IN_MIXED_MODES,
    Training(**ZERO_RATES),
    Training(PLAIN, 3, "some rates are tiny", change=with_tiny_rates, idea=AT_ZERO),
    Training("a network with two parameters that are added", 3),
    Training(TWICE, 2),
    Training("a network whose weight is a transposed view", 3),
]
LOSSES = [*NUMBERS, Training(PLAIN, 0)]

#: Trainings after which nothing is a number, even in float64.
NO_SLOPE = Training(
    "a layer with a root after it", 1, "the gradient is NaN at the first step", change=at_a_root
)
DIVERGING = [
    Training(LAYER, 10, "the rates are so large that the loss is soon NaN", rate=1e38),
    NO_SLOPE,
]
FIRST_ORDER = [*NUMBERS, *(Training(**each) for each in (NO_GRADIENT, NO_LOSS, NO_RATE))]

#: Where the derivative of the loss is judged, of orders up to the third.
FIRST, THIRD = {"orders": 1}, {"orders": 3}
SLOPES = [
    Training(PLAIN, 4, options=FIRST),
    Training(**LONG, options=FIRST),
    Training(**ZERO_RATES, options=FIRST),
    Training(**NO_GRADIENT, options=FIRST),
    Training(**NO_LOSS, options=FIRST),
    Training(**NO_RATE, options=FIRST),
    Training(PLAIN, 2, "rates that are results", options=FIRST | {"rates_are": "results"}),
    Training(PLAIN, 2, options=THIRD),
]

#: The same with buffers that a forward pass uses or writes into, which the graph may have kept.
SLOPES_WITH_BUFFERS = [
    Training(STATISTICS, 2, "in training mode", rate=0.02, options=FIRST),
    Training(HOLDING, 2, options=FIRST),
]

#: Where it is judged what is left of all that was given.
KEPT = [Training(PLAIN, 4), Training(STATISTICS, 3, "in training mode"), *IN_MIXED_MODES]
NO_STEP = Training(STATISTICS, 0, "in training mode")
