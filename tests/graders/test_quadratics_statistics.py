"""Question 6 of exercise 04 leaves next to nothing to chance.

The pass marks are set from these numbers. The solution has a share of about 0.69 of the best
rival's loss, 0.66 to 0.72 over twenty seeds of its training, and the draw of 1,000 functions moves
that by 0.01 (one standard deviation). The rivals have 1 or more by definition; with another
momentum, NAG has 0.97. The marks 0.85 and 0.8 lie far from both.

One function in 100,000 or so is so steep that NAG diverges on it, and costs 1,000 times its first
loss. In a draw with such a function the best rival has a tenth more than usual, and whoever is
measured against it does better: NAG with a smaller rate then goes down to 0.89, which the first
mark must not allow.
"""

import json
from functools import partial

import pytest
import torch
from answers import FOLDER, solved
from quadratics_seeds import batches, ratio, sums_of, train

from l2l_ref.checks.quadratics.race import (
    COUNT,
    FEW,
    FIRST_MARK,
    RUN_LENGTH,
    SECOND_MARK,
    best_rival,
    race,
    rates,
    rivals_on,
)
from l2l_ref.evaluation import cap
from l2l_ref.minimizers import hand_designed, learned
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.randomness import generator
from l2l_ref.unroll import loss_and_gradient

DRAWS = 20_000
SEEDS = json.loads((FOLDER / "quadratics" / "seeds.json").read_text())


def nag(momentum: float, rate: float):
    """NAG with another momentum or rate."""

    def rule(gradients, state):
        buffer = gradients if state is None else momentum * state + gradients
        return -rate * (gradients + momentum * buffer), buffer

    return rule


def untrained(seed: int):
    """The solution's network before its training."""
    torch.manual_seed(seed)
    return solved("quadratics")["MyOptimizer"]()


def in_the_fast_form(trained: torch.nn.Module):
    """The solution's network as the reference runs it, which takes a third of the time."""
    optimizer = LSTMOptimizer(layers=1)
    weights = {name.replace("cell.", "cells.0."): w for name, w in trained.state_dict().items()}
    optimizer.load_state_dict(weights)
    return lambda task: cap(learned(optimizer)(task, RUN_LENGTH).double()).sums


def shares(rules: dict, functions: int) -> dict[str, torch.Tensor]:
    """For many draws of functions, each rule's share of the best rival's mean.

    Args:
        rules: by name, what gives the sum of each function of a task.
        functions: to draw from.
    """
    sums = {name: [] for name in [*rules, *rates()]}
    for task in batches(functions, "statistics"):
        for name, rule in rules.items():
            sums[name].append(rule(task))
        for name, found in rivals_on(task).items():
            sums[name].append(found)
    table = torch.stack([torch.cat(each) for each in sums.values()])
    drawn = torch.Generator().manual_seed(0)
    means = torch.cat(
        [
            table[:, torch.randint(functions, (100, COUNT), generator=drawn)].mean(2)
            for _ in range(DRAWS // 100)
        ],
        dim=1,
    )
    best = means[len(rules) :].min(0).values
    return {name: mean / best for name, mean in zip(sums, means, strict=True)}


@pytest.mark.parametrize(
    "functions", [5_000, pytest.param(50_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_the_solution_passes_and_no_rival_does(functions):
    rules = {
        "solution": in_the_fast_form(solved("quadratics")["trained"]),
        "NAG 0.95, 0.01": partial(sums_of, nag(0.95, 0.01)),
        "NAG 0.95, 0.008": partial(sums_of, nag(0.95, 0.008)),
    }
    found = shares(rules, functions)
    for name, share in found.items():
        print(
            f"{name:15} {share.mean():.3f}, {share.min():.3f} to {share.max():.3f} in {DRAWS} draws"
        )
    solution = found.pop("solution")
    assert (solution > SECOND_MARK).double().mean() < 1e-3
    assert solution.max() < SECOND_MARK
    for share in found.values():
        assert share.min() > FIRST_MARK
    worst = max(SEEDS["ratios"].values())
    assert worst + solution.quantile(0.999) - solution.mean() < SECOND_MARK


def test_the_fast_form_is_the_solution():
    task, trained = next(iter(batches(1000, "statistics"))), solved("quadratics")["trained"]
    fast, own = in_the_fast_form(trained)(task), sums_of(trained, task)
    torch.testing.assert_close(fast, own, rtol=1e-3, atol=0)


def test_no_seed_of_the_training_fails():
    assert len(SEEDS["ratios"]) == 20
    assert max(SEEDS["ratios"].values()) < SECOND_MARK - 0.05


@pytest.mark.parametrize(
    "networks", [10, pytest.param(100, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_an_untrained_network_is_told_from_a_trained_one(networks):
    """Before its training the solution's network misses the mark by far, from whatever weights.

    So a right answer is not refused: its race without training is lost. A steep function, which
    costs the rivals as much as all others of the hundred together, does not change that.
    """
    task = next(iter(batches(FEW, "untrained")))
    _, best = best_rival(task)
    shares = [float(sums_of(untrained(seed), task).mean()) / best for seed in range(networks)]
    print(f"{networks} networks without training: {min(shares):.2f} to {max(shares):.2f}")
    assert min(shares) > 2 * FIRST_MARK


def test_the_race_measures_what_is_simulated():
    trained, states = solved("quadratics")["trained"], []

    def ask(gradients, step):
        with torch.no_grad():
            updates, state = trained(gradients, states.pop() if step else None)
        states.append(state)
        return {"updates": updates}

    run = race(generator(0, "race"), ask)
    task, (mean, diverged) = run.task, run.ended()
    torch.testing.assert_close(mean, float(sums_of(trained, task).mean()), rtol=1e-4, atol=0)
    assert diverged == 0
    assert len(task.start()) == COUNT
    own = cap(hand_designed("nag", rates()["nag"])(task, RUN_LENGTH)).sums.double()
    torch.testing.assert_close(sums_of(nag(0.9, rates()["nag"]), task), own, rtol=1e-3, atol=1e-3)


def test_the_race_shows_coordinates_in_a_random_order_that_stays():
    met = []

    def ask(gradients, step):
        met.append(gradients)
        return {"updates": torch.zeros_like(gradients)}

    task = race(generator(0, "race"), ask).task
    in_order = loss_and_gradient(task, task.start(), 0)[1].flatten()
    assert torch.equal(met[0].sort().values, in_order.sort().values)
    assert (met[0] == in_order).double().mean() < 0.01
    assert torch.equal(met[-1], met[0])


@pytest.mark.slow
def test_a_stored_ratio_comes_out_again():
    """Rounding differs from machine to machine, and a training amplifies it."""
    torch.set_num_threads(1)
    assert ratio(train(7)) == pytest.approx(SEEDS["ratios"]["7"], abs=0.05)
