"""What the exams compare with is itself compared: with modules and with finite differences."""

import pytest
import torch
import torch.nn.functional as F
from torch.func import functional_call

from l2l_ref.checks.answering import doubled
from l2l_ref.checks.meta_modules.networks import build
from l2l_ref.checks.meta_modules.weights import (
    FIRST,
    FREE,
    SECOND,
    TIED,
    UNUSED,
    computed,
    trained,
    tree,
)
from l2l_ref.support.randomness import generator


def problem(shapes: dict, seed: int) -> dict:
    """Weights, constants and a batch."""
    stream = generator(seed, "oracle")
    x, y = torch.randn(6, 3, generator=stream), torch.randn(6, 2, generator=stream)
    return tree(shapes, stream) | {"x": x, "y": y, "rate": torch.tensor(0.1)}


@pytest.mark.parametrize("shapes", [FREE, TIED | UNUSED])
def test_the_network_is_written_out_rightly(shapes):
    asked = problem(shapes, seed=0)
    weights, constants = doubled(asked["weights"]), doubled(asked["constants"])
    network = build(weights, constants)
    assert (network.blocks[0].weight is network.blocks[1].weight) == (SECOND not in shapes)
    x = asked["x"].double()
    torch.testing.assert_close(network(x), computed(weights | constants, x))
    others = {name: torch.randn_like(w) for name, w in weights.items()}
    expected = functional_call(network, others, (x,))
    torch.testing.assert_close(computed(others | constants, x), expected)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("shapes", [FREE, TIED | UNUSED])
def test_second_order_is_the_slope(shapes, steps, seed):
    """Each derivative along a random direction, from the losses on its two sides."""
    asked = problem(shapes, seed) | {"steps": steps}
    asked |= {"weights": doubled(asked["weights"]), "rate": asked["rate"].double()}
    _, _, slopes = trained(**asked, first_order=False)
    h, start = 1e-6, asked["weights"] | {"rate": asked["rate"]}
    for name, value in start.items():
        direction, losses = torch.randn_like(value), []
        for sign in (-1, 1):
            moved = {name: (value + sign * h * direction).detach()}
            there = asked | ({"rate": moved["rate"]} if name == "rate" else {})
            there["weights"] = asked["weights"] | ({} if name == "rate" else moved)
            losses.append(trained(**there, first_order=True)[1])
        slope = (losses[1] - losses[0]) / (2 * h)
        expected = (slopes[name] * direction).sum()
        torch.testing.assert_close(slope, expected, rtol=1e-5, atol=1e-7)


def test_first_order_is_one_backward_at_the_end():
    """The last gradient itself, and minus its product with the sum of those before."""
    asked = problem(FREE, seed=0)
    constants = doubled(asked["constants"])
    x, y = asked["x"].double(), asked["y"].double()
    network = build(
        {n: w.requires_grad_() for n, w in doubled(asked["weights"]).items()}, constants
    )
    weights = {n: b for n, b in network.named_buffers() if b.requires_grad}
    total = {name: torch.zeros_like(w) for name, w in weights.items()}
    for step in range(4):
        for weight in weights.values():
            weight.grad = None
        F.mse_loss(network(x), y).backward()
        if step < 3:
            for name, weight in weights.items():
                total[name] += weight.grad
                weight.data -= asked["rate"].double() * weight.grad
    now, _, slopes = trained(**asked, steps=3, first_order=True)
    for name, weight in weights.items():
        torch.testing.assert_close(now[name], weight.detach())
        torch.testing.assert_close(slopes[name], weight.grad)
    by_rate = -sum((w.grad * total[name]).sum() for name, w in weights.items())
    torch.testing.assert_close(slopes["rate"], by_rate)


def test_a_tied_weight_has_the_sum_of_two_gradients():
    asked = problem(TIED, seed=0) | {"steps": 1, "first_order": True}
    untied = asked | {"weights": asked["weights"] | {SECOND: asked["weights"][FIRST]}}
    (tied_now, _, _), (now, _, _) = trained(**asked), trained(**untied)
    start = asked["weights"][FIRST].double()
    both = (now[FIRST] - start) + (now[SECOND] - start)
    torch.testing.assert_close(tied_now[FIRST] - start, both)
