"""What the exams compare with is itself compared: with finite differences in float64."""

import hashlib

import pytest
import torch
import torch.nn.functional as F
from answers import solved

from l2l_ref.checks.leaf_tensors import check
from l2l_ref.checks.leaf_tensors.exam import unrolled_for
from l2l_ref.checks.leaf_tensors.networks import build
from l2l_ref.checks.leaf_tensors.steps import in_double
from l2l_ref.checks.leaf_tensors.suspects import suspect
from l2l_ref.checks.leaf_tensors.testing import SPECIAL, slopes
from l2l_ref.checks.leaf_tensors.trainings import PLAIN, SEVERAL, Training
from l2l_ref.support.randomness import generator


def problem(network: str = PLAIN, seed: int = 0) -> dict:
    """A network, a batch and rates, in float64."""
    return Training(network, 3, change=in_double).drawn(generator(seed, "oracle"))


@pytest.mark.parametrize("network", [PLAIN, SEVERAL])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steps", [1, 4])
def test_the_derivatives_in_the_rates(network, seed, steps):
    asked, h = problem(network, seed), 1e-4
    _, by_rate = unrolled_for(asked, steps, as_inputs=False)
    for name, derivative in by_rate.items():
        losses = []
        for sign in (-1, 1):
            rates = asked["rates"] | {name: asked["rates"][name] + sign * h}
            losses.append(unrolled_for(asked | {"rates": rates}, steps, as_inputs=True)[0])
        slope = (losses[1] - losses[0]) / (2 * h)
        torch.testing.assert_close(derivative.detach(), slope, rtol=1e-4, atol=1e-6)


def test_with_gradients_as_inputs():
    """Minus the last gradient times the sum of those before it, from a backward of another kind."""
    asked = problem()
    network, x, y = build(PLAIN, asked["weights"]), asked["x"], asked["y"]
    named = dict(network.named_parameters())
    total = dict.fromkeys(named, 0.0)
    for _ in range(3):
        network.zero_grad()
        F.mse_loss(network(x), y).backward()
        for name, weight in named.items():
            total[name] = total[name] + weight.grad.clone()
            weight.data -= asked["rates"][name] * weight.grad
    network.zero_grad()
    F.mse_loss(network(x), y).backward()
    _, by_rate = unrolled_for(asked, as_inputs=True)
    for name, weight in named.items():
        torch.testing.assert_close(by_rate[name], -(weight.grad * total[name]).sum())


@pytest.mark.parametrize("seed", range(10))
def test_what_is_promised_of_losses(seed):
    """With h = 0.001 a difference to both sides is right to a thousandth of the largest slope."""
    drawing, h = generator(seed, "promises"), 1e-3
    for make in [make for *_, makes in SPECIAL for make in makes]:
        asked = make(drawing)
        if asked["kind"] == "one":
            continue  # a tensor under several names
        rates, expected = asked["rates"], slopes(asked)[0]
        numbers = {n: v for n, v in asked.items() if n not in ("rates", "kind")}
        loss_of, _ = suspect(list(rates), **numbers)
        found = [
            (loss_of(rates | {n: r + h}) - loss_of(rates | {n: r - h})) / (2 * h)
            for n, r in rates.items()
        ]
        largest = expected.abs().max()
        assert (torch.stack(found) - expected).abs().max() < 1e-3 * largest
        assert loss_of(rates).abs() <= 1e5 * largest
        assert all(abs(rate) < 2 for rate in rates.values())


def test_one_step_has_no_later_gradients():
    """After a single step both derivatives agree."""
    _, by_rate = unrolled_for(problem(), 1, as_inputs=True)
    _, exact = unrolled_for(problem(), 1, as_inputs=False)
    for name in by_rate:
        torch.testing.assert_close(by_rate[name], exact[name])


#: Draws in which a derivative's terms nearly cancel, found among the first 2,000.
CANCELLING = [("sgd_step", 60), ("sgd_step", 1881), ("loss_after", 331), ("loss_after", 909)]
CANCELLING += [("loss_after", 1803), ("first_order", 1361), ("first_order", 1538)]


@pytest.mark.parametrize(("question", "draw"), CANCELLING)
def test_the_solution_keeps_its_points_where_terms_cancel(question, draw):
    seed = hashlib.sha256(f"s{draw}".encode()).hexdigest()
    report = check.examine(question, solved("leaf_tensors"), seed)
    assert report.points == report.out_of, report
