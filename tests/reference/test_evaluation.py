"""The statistics of a comparison, the cap, and that the comparison is fair."""

import json
import math

import pytest
import torch

from l2l_ref import evaluation
from l2l_ref.evaluation import cap, compare, draw, evaluate, half_width, interval, measure
from l2l_ref.minimizers import RATES, hand_designed
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.errors import InputError
from l2l_ref.tasks import Quadratics, get_sampler

CPU = torch.device("cpu")


def test_the_cap():
    losses = torch.tensor(
        [
            [1.0, 2.0, 1.0, 1.0, 3.0],
            [9.9, 20.0, 10.1, math.inf, 1.0],
            [5.0, 1.0, 0.0, math.nan, math.nan],
        ]
    )
    outcome = cap(losses)
    expected = [[1.0, 2, 1, 1, 3], [9.9, 20, 10, 10, 1], [5, 1, 0, 10, 30]]
    torch.testing.assert_close(outcome.losses, torch.tensor(expected))
    assert outcome.diverged.tolist() == [False, False, True, True, True]
    assert outcome.sums.tolist() == pytest.approx([10.9, 22, 11, 11, 4])


def test_intervals_hold_the_mean_19_times_in_20():
    draws = torch.randn(2000, 100, dtype=torch.float64).exp()
    mean, half = draws.mean(1), half_width(draws)
    covered = ((mean - half < math.exp(0.5)) & (math.exp(0.5) < mean + half)).double().mean()
    assert 0.90 < covered < 0.97
    low, high = interval(draws[0])
    assert (low + high) / 2 == pytest.approx(mean[0].item())
    assert (high - low) / 2 == pytest.approx(half[0].item())


def test_ratios_of_paired_sums():
    b = torch.rand(5000, dtype=torch.float64) + 0.5
    a = 0.6 * b + 0.01 * torch.randn(5000, dtype=torch.float64)
    result = compare(a, b)
    assert result["ratio"] == pytest.approx((a.mean() / b.mean()).item())
    # Against the bootstrap, which knows nothing of linearisation.
    picks = torch.randint(5000, (2000, 5000))
    ratios = a[picks].mean(1) / b[picks].mean(1)
    low, high = result["ratio_ci95"]
    expected = torch.quantile(ratios, torch.tensor([0.025, 0.975], dtype=torch.float64))
    torch.testing.assert_close(torch.tensor([low, high]), expected.float(), rtol=0, atol=1e-4)
    # Pairing pays: the interval is far narrower than the spread of either side suggests.
    assert high - low < 0.1 * (2 * half_width(b) / b.mean())


def test_all_optimizers_meet_the_same_functions_in_batches():
    def all_of(count):
        return torch.cat([t.W for t in draw(Quadratics.sample, count, 3, "s", "report", CPU)])

    assert torch.equal(all_of(5000), all_of(5000))
    assert len(all_of(5000)) == 5000
    assert len(all_of(5000).unique(dim=0)) == 5000
    sizes = [len(t.W) for t in draw(Quadratics.sample, 5000, 3, "s", "report", CPU)]
    assert sizes == [500] * 10
    sizes = [len(t.start()) for t in draw(get_sampler("digits"), 25, 3, "s", "report", CPU)]
    assert sizes == [10, 10, 5]


def test_measure_does_not_depend_on_batches(monkeypatch):
    tasks = list(draw(Quadratics.sample, 30, 0, "s", "report", CPU))
    whole = measure(hand_designed("adam", 0.1), iter(tasks), 10)
    alone = [Quadratics(t.W[i : i + 1], t.y[i : i + 1]) for t in tasks for i in range(len(t.W))]
    torch.testing.assert_close(
        measure(hand_designed("adam", 0.1), iter(alone), 10).losses, whole.losses
    )


@pytest.fixture(scope="module")
def result():
    return evaluate(
        Quadratics.sample,
        {"lstm": LSTMOptimizer()},
        task="quadratics",
        functions=200,
        steps=50,
        tuning_functions=50,
        progress=False,
    )


def test_the_contract_of_the_json(result):
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert (result["task"], result["steps"], result["functions"]) == ("quadratics", 50, 200)
    assert list(result["optimizers"]) == [
        "lstm",
        "adam",
        "rmsprop",
        "sgd",
        "momentum",
        "nag",
        "cg",
    ]
    for name, entry in result["optimizers"].items():
        assert len(entry["curve"]) == 50
        assert sum(entry["curve"]) == pytest.approx(entry["sum"])
        low, high = entry["sum_ci95"]
        assert low < entry["sum"] < high
        assert 0 <= entry["diverged"] <= 200
        assert (entry["lr"] in RATES) == (name not in ("lstm", "cg"))
    first = {entry["curve"][0] for entry in result["optimizers"].values()}
    assert max(first) == pytest.approx(min(first), rel=1e-6)  # the same functions and starts


def test_conjugate_gradient_is_the_floor(result):
    floor = result["optimizers"]["cg"]["sum"]
    assert all(entry["sum"] >= floor for entry in result["optimizers"].values())


def test_rates_are_the_best_of_the_grid_on_other_functions(result):
    tasks = list(draw(Quadratics.sample, 50, 0, "evaluate-tune", "tune", CPU))
    sums = {
        rate: measure(hand_designed("sgd", rate), iter(tasks), 50).sums.mean() for rate in RATES
    }
    assert result["optimizers"]["sgd"]["lr"] == min(sums, key=sums.get)
    report = torch.cat(
        [t.W for t in draw(Quadratics.sample, 200, 0, "evaluate-report", "report", CPU)]
    )
    tuning = torch.cat([t.W for t in tasks])
    assert not (report[:, None] == tuning[None]).all(-1).all(-1).any()


def test_digits_report_on_images_that_neither_training_nor_tuning_saw(monkeypatch):
    seen = []

    def spy(functions, generator, split, device):
        seen.append(split)
        return get_sampler("digits")(functions, generator, split, device)

    monkeypatch.setattr(evaluation, "RATES", (0.1, 0.01))
    result = evaluate(
        spy,
        {"lstm": LSTMOptimizer(preprocess=True)},
        task="digits",
        functions=3,
        steps=2,
        progress=False,
    )
    assert "cg" not in result["optimizers"]
    assert set(seen) == {"tune", "report"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizers": {}}, "got optimizers named nothing; one must be called lstm"),
        ({"optimizers": {"mine": LSTMOptimizer()}}, "named mine; one must be called lstm"),
        (
            {"optimizers": {"lstm": LSTMOptimizer(), "adam": LSTMOptimizer()}},
            "adam is the name of a baseline",
        ),
        ({"optimizers": {"lstm": LSTMOptimizer(), "cg": LSTMOptimizer()}}, "cg is the name"),
        ({"functions": 1}, "got functions=1; it must be 2 or more"),
        ({"tuning_functions": 0}, "got tuning_functions=0"),
        ({"steps": 0}, "got steps=0; it must be 1"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_the_work(changes, message, monkeypatch):
    monkeypatch.setattr(evaluation, "measure", None)
    arguments = {"optimizers": {"lstm": LSTMOptimizer()}, "functions": 2, "task": "quadratics"}
    with pytest.raises(ValueError, match=message):
        evaluation.evaluate(Quadratics.sample, progress=False, **arguments | changes)


def test_a_device_may_be_text():
    optimizers = {"lstm": LSTMOptimizer(hidden=2)}
    result = evaluation.evaluate(
        Quadratics.sample,
        optimizers,
        task="quadratics",
        functions=2,
        steps=2,
        device="cpu",
        progress=False,
    )
    assert result["device"] == "cpu"


def test_something_else_than_an_optimizer():
    with pytest.raises(ValueError, match="lstm is a Linear; only an LSTMOptimizer can be eval"):
        evaluation._check({"lstm": torch.nn.Linear(1, 1)}, 2, 1, None)


@pytest.mark.parametrize("first", [-100.0, 0.0, float("nan")])
def test_a_loss_at_the_start_that_is_not_above_zero(first):
    """Of a function that the look beforehand does not meet."""

    class Shifted(Quadratics):
        def loss(self, theta, step):
            losses = super().loss(theta, step)
            shift = torch.zeros(len(losses))
            shift[2:] = first - losses[2:].detach()
            return losses + shift

    def sampler(*asked):
        drawn = Quadratics.sample(*asked)
        return Shifted(drawn.W, drawn.y)

    with pytest.raises(InputError, match=r"loss at the start is .*; it must be finite and above 0"):
        evaluate(sampler, {"lstm": LSTMOptimizer()}, task="x", functions=6, steps=2, progress=False)
