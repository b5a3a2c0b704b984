"""What the exams compare with is itself compared: with modules and with finite differences."""

import pytest
import torch
import torch.nn.functional as F
from torch.func import functional_call

from l2l_ref.checks.answering import doubled
from l2l_ref.checks.meta_modules.networks import SHARED, build
from l2l_ref.checks.meta_modules.updates import trained
from l2l_ref.checks.meta_modules.weights import (
    FIRST,
    FREE,
    SECOND,
    TIED,
    UNUSED,
    computed,
    tree,
)
from l2l_ref.support.randomness import generator


def problem(shapes: dict, seed: int, steps: int = 1) -> dict:
    """Weights, constants, a batch and rates."""
    stream = generator(seed, "oracle")
    x, y = torch.randn(6, 3, generator=stream), torch.randn(6, 2, generator=stream)
    return tree(shapes, stream) | {"x": x, "y": y, "rates": 0.02 + 0.01 * torch.arange(steps)}


@pytest.mark.parametrize("shapes", [FREE, TIED | UNUSED])
def test_the_network_is_written_out_rightly(shapes):
    asked = problem(shapes, seed=0)
    weights, constants = doubled(asked["weights"]), doubled(asked["constants"])
    network = build(weights, constants, "")
    assert (network.blocks[0].weight is network.blocks[1].weight) == (SECOND not in shapes)
    x = asked["x"].double()
    torch.testing.assert_close(network(x), computed(weights | constants, x))
    others = {name: torch.randn_like(w) for name, w in weights.items()}
    expected = functional_call(network, others, (x,))
    torch.testing.assert_close(computed(others | constants, x), expected)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steep", [False, True])
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("shapes", [FREE, TIED | UNUSED])
def test_second_order_is_the_slope(shapes, steps, steep, seed):
    """Each derivative along a random direction, from the losses on its two sides."""
    asked = problem(shapes, seed, steps) | {"steep": steep, "probe_all": steep}
    asked |= {"weights": doubled(asked["weights"]), "rates": asked["rates"].double()}
    _, _, slopes = trained(**asked, first_order=False)
    h, start = 1e-6, asked["weights"] | {f"rate {k}": r for k, r in enumerate(asked["rates"])}
    for name, value in start.items():
        direction, losses = torch.randn_like(value), []
        for sign in (-1, 1):
            moved = start | {name: (value + sign * h * direction).detach()}
            rates = torch.stack([moved.pop(f"rate {k}") for k in range(steps)])
            there = asked | {"weights": moved, "rates": rates}
            losses.append(all_losses(there) if steep else trained(**there, first_order=True)[1])
        slope = (losses[1] - losses[0]) / (2 * h)
        expected = (slopes[name] * direction).sum()
        torch.testing.assert_close(slope, expected, rtol=1e-5, atol=1e-7)


def all_losses(asked: dict) -> torch.Tensor:
    """The sum of the losses on the way: those after no step, after one, and so on."""
    rates = asked["rates"]
    ways = [asked | {"rates": rates[:steps]} for steps in range(len(rates) + 1)]
    return sum(trained(**way, first_order=True)[1] for way in ways)


def test_first_order_is_one_backward_at_the_end():
    """The last gradient itself, and minus its product with the sum of those before."""
    asked = problem(FREE, seed=0, steps=3)
    constants = doubled(asked["constants"])
    x, y = asked["x"].double(), asked["y"].double()
    leaves = {n: w.requires_grad_() for n, w in doubled(asked["weights"]).items()}
    network = build(leaves, constants, "")
    weights = {n: b for n, b in network.named_buffers() if b.requires_grad}
    gradients = []
    for step in range(4):
        for weight in weights.values():
            weight.grad = None
        F.mse_loss(network(x), y).backward()
        if step < 3:
            gradients.append({name: weight.grad.clone() for name, weight in weights.items()})
            for weight in weights.values():
                weight.data -= asked["rates"][step].double() * weight.grad
    now, _, slopes = trained(**asked, first_order=True)
    for name, weight in weights.items():
        torch.testing.assert_close(now[name], weight.detach())
        torch.testing.assert_close(slopes[name], weight.grad)
    for step, before in enumerate(gradients):
        by_rate = -sum((w.grad * before[name]).sum() for name, w in weights.items())
        torch.testing.assert_close(slopes[f"rate {step}"], by_rate)


def test_a_tied_weight_has_the_sum_of_all_gradients():
    asked = problem(TIED, seed=0) | {"first_order": True}
    places = [FIRST, *(place for place, of in SHARED.items() if of == FIRST)]
    copies = {place: asked["weights"][FIRST].clone() for place in places}
    untied = asked | {"weights": asked["weights"] | copies}
    (tied_now, _, _), (now, _, _) = trained(**asked), trained(**untied)
    start = asked["weights"][FIRST].double()
    together = sum(now[place] - start for place in places)
    torch.testing.assert_close(tied_now[FIRST] - start, together)
