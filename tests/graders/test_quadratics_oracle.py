"""What the exams of exercise 04 compare with is itself compared."""

import math

import pytest
import torch
from answers import solved
from torch.autograd.functional import jacobian

from l2l_ref.checks.examining import Lost
from l2l_ref.checks.lstm_questions import SCALE, drawn, reference, state_for, weights_for
from l2l_ref.checks.quadratics.comparison import judge_record
from l2l_ref.checks.quadratics.meta_step import _begun, run_meta_steps
from l2l_ref.checks.quadratics.read_off import numbers_of
from l2l_ref.checks.quadratics.rules import TORCHS, torchs_updates
from l2l_ref.checks.quadratics.run import run_read_off
from l2l_ref.support.randomness import generator
from l2l_ref.tape import Tape
from l2l_ref.unroll import meta_gradient


def draws():
    return generator(0, "oracle of quadratics")


@pytest.mark.parametrize("name", TORCHS)
def test_updates_do_not_depend_on_where_theta_is(name):
    gradients = drawn((6, 3), draws()).double()
    theta, found = torch.ones(3, dtype=torch.float64), []
    optimizer = TORCHS[name]([theta], lr=0.1)
    for gradient in gradients:
        before, theta.grad = theta.clone(), gradient
        optimizer.step()
        found.append(theta - before)
    torch.testing.assert_close(torchs_updates(name, gradients, 0.1), torch.stack(found))


@pytest.mark.parametrize("decay", [0.95, -0.6])
@pytest.mark.parametrize("gain", [5e-2, 3e-5])
@pytest.mark.parametrize("offset", [0.1, -0.1])
@pytest.mark.parametrize("reach", [1e6, 300.0])
def test_the_numbers_about_a_rule(decay, gain, offset, reach):
    asked = {
        "probe_gain": gain,
        "probe_decay": decay,
        "probe_low": 0.3,
        "probe_high": 0.6,
        "probe_offset": offset,
        "probe_reach": reach,
    }

    def updates(rule, gradients, steps):
        state, found = None, []
        for _ in range(steps):
            update, state = rule(gradients, state)
            found.append(update)
        return torch.stack(found)

    def measured(rule):
        zero = torch.zeros(1)
        slopes = jacobian(lambda g: updates(rule, g, 20)[:, 0], zero)[:, 0]
        many = updates(rule, torch.linspace(-1000, 1000, 2001), 100)
        return {
            "slope": slopes[0],
            "slope_after_20": slopes[19],
            "largest": many.abs().max(),
        }

    found = run_read_off(measured, **asked)["numbers"]
    torch.testing.assert_close(found, numbers_of(asked), rtol=1e-5, atol=1e-8)


def test_the_meta_gradient_of_a_batch_is_that_of_the_mean():
    functions, n = 3, 4
    asked = {
        "probe_weights": {k: w.double() for k, w in weights_for(2, draws()).items()},
        "probe_state": state_for(2, functions * n, draws()).double(),
        "probe_W": drawn((functions, n + 1, n), draws(), 0.7).double(),
        "probe_y": drawn((functions, n + 1), draws()).double(),
        "theta": drawn((functions, n), draws()).double(),
        "probe_scale": SCALE,
        "probe_rate": 0.03,
        "length": 3,
        "meta_steps": 1,
        "clip": math.inf,
    }
    found = run_meta_steps(asked)
    optimizer = reference(asked["probe_weights"])
    losses, gradients, _ = meta_gradient(Tape(optimizer, functions * n, 3), _begun(asked))
    torch.testing.assert_close(found["meta_losses"]["meta-step 1"], losses.mean(1).sum())
    for (name, _), gradient in zip(optimizer.named_parameters(), gradients, strict=True):
        torch.testing.assert_close(found["by_weight"][f"meta-step 1, {name}"], gradient)


def test_a_record_that_is_fair_is_not_complained_about():
    asked = {"names": ["a", "b"], "rates": [1.0, 0.1], "search": [0, 2], "report": [1, 3]}
    search = [[name, rate, [2, 0]] for name in "ab" for rate in (1.0, 0.1)]
    report = [["a", 0.1, [1, 3]], ["b", 1.0, [3, 1]]]
    judge_record(search + report, asked, "")
    for record, say in (
        (search, "opened 0 times"),
        (search + report + report, "opened 2 times"),
        (search[1:] + report, "tried with 1 rates"),
        ([*search, ["a", 1.0, [0, 1, 2, 3]]], "neither of the two sets"),
        (report + search, "searched on after"),
    ):
        with pytest.raises(Lost, match=say):
            judge_record(record, asked, "")


@pytest.mark.parametrize("runs", [1, 3])
def test_a_training_that_is_stopped_early_says_so(runs, capsys):
    names = solved("quadratics")
    names["keep_the_best"](names["MyOptimizer"](), runs=runs, functions=2, seconds=0)
    out = capsys.readouterr().out
    assert ("stopped after 0 s, at run 1 of 3" in out) == (runs == 3)
