"""What the exams of exercise 05 compare with is itself compared."""

import itertools
import math

import pytest
import torch
from torch import nn

from l2l_ref import evaluation
from l2l_ref.bench import claims
from l2l_ref.checks.examining import Lost
from l2l_ref.checks.mnist import batches, comparing, deal, pairing, perceptron, testing, verdict
from l2l_ref.checks.mnist.elsewhere import with_other_sets
from l2l_ref.checks.mnist.run_pairs import run_paired_sums
from l2l_ref.checks.mnist.suspects import Interval, made
from l2l_ref.checks.processes import another_process
from l2l_ref.minimizers import BASELINES
from l2l_ref.support.randomness import generator


def draws():
    return generator(0, "oracle of mnist")


def test_a_perceptron_is_torchs():
    network = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    x = torch.randn(6, 4, generator=draws())
    found = perceptron.computed(dict(network.named_parameters()), x, torch.tanh)
    torch.testing.assert_close(found, network(x))


def test_the_derivatives_of_steps_are_those_of_finite_differences():
    weights = {"matrix 1": (3, 4), "bias 1": (3,), "matrix 2": (2, 3), "bias 2": (2,)}
    draw = draws()
    asked = {
        "probe_weights": {
            name: torch.randn(shape, generator=draw).double() for name, shape in weights.items()
        },
        "probe_images": torch.randn(3, 5, 4, generator=draw).double(),
        "probe_labels": torch.randint(2, (3, 5), generator=draw),
        "activation": "tanh",
        "rate": 0.4,
    }

    def total(rate=0.0, **shift):
        moved = dict(asked["probe_weights"])
        for name, by in shift.items():
            moved[name] = moved[name].clone()
            moved[name].view(-1)[1] += by
        shifted = asked | {"rate": asked["rate"] + rate, "probe_weights": moved}
        return float(perceptron.stepped(shifted)["losses"].sum())

    found, h = perceptron.stepped(asked), 1e-5
    slope = (total(rate=h) - total(rate=-h)) / (2 * h)
    assert float(found["by_rate"]) == pytest.approx(slope, rel=1e-6)
    for name in weights:
        slope = (total(**{name: h}) - total(**{name: -h})) / (2 * h)
        assert float(found["by_weight"][name].flatten()[1]) == pytest.approx(slope, rel=1e-6)


def test_a_collection_has_copies_and_images_that_are_nearly_equal():
    images, which = deal.collection(400, 22, draws())
    assert len(images) == len(which) == 400
    equal = (images[:, None] == images).all(-1)
    assert torch.equal(equal, which[:, None] == which)
    copies = which.bincount().bincount()
    assert copies[2] > 5
    assert copies[3] == 1
    sums = images.sum(1)
    assert ((sums[:, None] == sums) & ~equal).sum() > 100  # as mirrored images have
    distance = (images[:, None] - images).abs().sum(-1)
    assert (distance == 1).sum() > 20


def test_parts_that_leak_or_are_incomplete_are_noticed():
    which = torch.tensor([0, 1, 2, 1, 3])
    deal.judge_dealt([[0, 1, 3], [2, 4]], 5, (0.6, 0.4), "")
    deal.judge_leak([[0, 1, 3], [2, 4]], which, "")
    with pytest.raises(Lost, match="1 images lie in more than one part"):
        deal.judge_leak([[0, 1, 2], [3, 4]], which, "")
    for wrong, say in (
        ([[0, 1, 3], [2]], "1 indices in no part"),
        ([[0, 1, 3], [2, 4, 4]], "1 more than once"),
        ([[0, 1, 3], [2, -1]], "1 indices in no part"),
    ):
        with pytest.raises(Lost, match=say):
            deal.judge_dealt(wrong, 5, (0.6, 0.4), "")


def test_standardised_has_mean_0_and_deviation_1():
    x = torch.rand(50, 3, generator=draws()).double()
    x[:, 1] = 0.25
    (found,) = batches.standardised({"train": x}, x).values()
    torch.testing.assert_close(found.mean(0), torch.zeros(3).double())
    torch.testing.assert_close(found.square().mean(0), torch.tensor([1.0, 0.0, 1.0]).double())


def test_the_sums_are_those_of_torchs_momentum_with_a_cap():
    """The rule's rate falls as 1 + 1 / (1 + t), so torch's optimizer gets it anew at each step."""
    draw, steps, total = draws(), 6, 4
    asked = {
        "names": ["one"],
        "probe_rates": [0.2],
        "probe_decays": [0.7],
        "batches": [4],
        "steps": steps,
        "probe_W": torch.randn(total, 4, 3, generator=draw).double(),
        "probe_y": torch.randn(steps, total, 4, generator=draw).double(),
        "probe_theta": torch.randn(total, 3, generator=draw).double(),
        "probe_times": torch.full((steps, total), math.nan).double(),
    }
    asked["probe_W"][:2] *= 0.3  # these do not diverge
    sums, met = [], 0
    for k in range(total):
        theta = asked["probe_theta"][k].clone().requires_grad_()
        optimizer = torch.optim.SGD([theta], lr=1.0)
        losses, buffer = [], 0
        for t in range(steps):
            loss = (asked["probe_W"][k] @ theta - asked["probe_y"][t, k]).square().sum()
            losses.append(loss.item())
            (gradient,) = torch.autograd.grad(loss, theta)
            buffer = 0.7 * buffer + gradient
            theta.grad = 0.2 * (1 + 1 / (1 + t)) * buffer
            optimizer.step()
        sums.append(sum(min(loss, 10 * losses[0]) for loss in losses))
        met += max(losses) > 10 * losses[0]
    found, count = pairing.ran(asked, "one")
    assert 0 < met < total
    assert count == met
    torch.testing.assert_close(found, torch.tensor(sums).double())


def test_batches_can_be_gone_through_once():
    asked = {
        "names": ["one"],
        "probe_rates": [0.1],
        "probe_decays": [0.5],
        "batches": [1, 2],
        "steps": 1,
        "probe_W": torch.ones(3, 2, 2).double(),
        "probe_y": torch.ones(1, 3, 2).double(),
        "probe_theta": torch.ones(3, 2).double(),
        "probe_times": torch.full((1, 3), math.nan).double(),
    }

    def student(rules, batches, steps):
        sizes = [[len(theta_0) for theta_0, _ in batches] for _ in range(2)]
        assert sizes == [[1, 2], []]
        return {"one": (torch.zeros(3), 0)}

    assert run_paired_sums(student, **asked)["changed"] == []


def test_the_comparison_is_the_packages():
    a, b = torch.rand(2, 30, generator=draws()).double() + 1
    found, package = comparing.compared(a, b), evaluation.compare(a, b)
    for name in package:
        value = found[name].tolist()
        assert value == pytest.approx(package[name]), name
    assert float(found["gain"]) == pytest.approx(float((a.var() + b.var()) / (a - b).var()))


def test_intervals_cover_what_they_promise():
    draw, hits = draws(), 0
    for _ in range(1000):
        luck, a, b = torch.randn(3, 50, generator=draw).double()
        low, high = comparing.compared(9 + luck + a, 10 + luck + b)["ratio_ci95"]
        hits += int(low <= 0.9 <= high)
    assert 920 < hits < 975


#: The size, the mean in deviations, and the deviation just within each range of the statement.
JUST_WITHIN = {
    "for sizes below 100": (99, 0, 1),
    "for sizes from 100 to 300": (100, 0, 1),
    "for sizes above 300": (301, 0, 1),
    "for deviations below 0.4": (50, 0, 0.399),
    "for deviations above 2.5": (50, 0, 2.501),
    "where the mean is below 0": (50, -1, 1),
    "where the mean is far from 0": (50, 5, 1),
}


def test_a_formula_fails_in_its_range_and_nowhere_else():
    """As the statement promises: within it 91 % at most or 99 %, and outside about 95 %."""
    draw, found = draws(), {}
    for there, (size, mean, spread) in JUST_WITHIN.items():
        normal = torch.randn(6000, size, generator=draw, dtype=torch.float64)
        for words, numbers in (testing.HIDDEN[0] | testing.HIDDEN[1]).items():
            low, high = made(Interval(**numbers))(spread * (mean + normal))
            covered = (low <= spread * mean) & (spread * mean <= high)
            found[words, there] = float(covered.double().mean())
    for own, place in testing.RANGES.items():
        for how in ("too short", "twice too long"):
            share = found[f"it is {how} {own}", own]
            assert share < 0.91 if how == "too short" else share > 0.99
            for other, at in testing.RANGES.items():
                if other != own and "size" not in {place["where"]} - {at["where"]}:
                    assert 0.93 < found[f"it is {how} {own}", other] < 0.97, (how, own, other)
    others = [words for words, _ in found if not words.startswith(("it is too", "it is twice"))]
    assert all(min(found[words, there] for there in JUST_WITHIN) < 0.91 for words in others)


@pytest.mark.parametrize("says", ["ahead", "behind"])
def test_verdicts_on_every_baseline_are_the_packages(says):
    """The package's claim of a failure is one of being behind some baseline."""
    kinds = ((0.8, 0.9), (1.1, 1.2), (0.9, 1.1), (0.9, 1.0), (math.nan, math.nan))
    for intervals in itertools.product(kinds, repeat=len(BASELINES)):
        by_name = dict(zip(BASELINES, intervals, strict=True))
        result = {"lstm_over": {name: {"ratio_ci95": each} for name, each in by_name.items()}}
        package = claims.verdict(claims.Claim("", "", "", says == "ahead"), result)
        of = "every" if says == "ahead" else "some"
        claim = {"says": says, "of": of, "names": list(BASELINES), "stated": "before"}
        assert verdict.right_verdict(claim, by_name, None) == package


def test_every_known_mistake_about_claims_is_one():
    draw = draws()
    asked = {
        "probe_claims": [
            {"says": says, "of": of, "names": ["adam", "nag"], "stated": stated, "fresh": fresh}
            for says in ("ahead", "behind")
            for of in ("every", "some")
            for stated in ("before", "after")
            for fresh in (True, False)
        ]
        * 20
    }
    edges = torch.tensor([0.8, 0.9, 1.0, 1.1, 1.2]).double()
    for name in ("probe_seen", "probe_fresh"):
        ends = edges[torch.randint(5, (320, len(verdict.BASELINES), 2), generator=draw)]
        asked[name] = ends.sort(-1).values
    cases = list(verdict._cases(asked))
    right = [verdict.right_verdict(*case) for case in cases]
    for say, wrong in verdict.MISTAKES.items():
        assert [wrong(*case) for case in cases] != right, say


def test_a_collection_with_many_copies_has_them():
    images, which = deal.copied(*deal.collection(400, 22, draws()), draws(), times=7)
    assert len(images) == len(which) == 400
    assert torch.equal((images[:, None] == images).all(-1), which[:, None] == which)
    assert which.bincount().bincount()[7] == 28


def test_only_the_hash_of_texts_is_another_one_elsewhere():
    things = (3, (1, 2, 3), "text", ("a", 1), ((1, "a"),))
    here = [hash(thing) for thing in things]
    with another_process():
        there = [hash(thing) for thing in things]
    assert [a == b for a, b in zip(here, there, strict=True)] == [True, True, False, False, False]
    assert [hash(thing) for thing in things] == here


def ordered(things):
    return list({bytes([thing]) for thing in things})


def ordered_by_another(things):
    return ordered(things)


def test_only_sets_of_texts_have_another_order_elsewhere():
    things = range(20)
    for function in (ordered, ordered_by_another):
        other = with_other_sets(function)(things)
        assert other != function(things)
        assert sorted(other) == sorted(function(things))
    by_number = [lambda: list({(3, 1), (1, 2)}), test_batches_can_be_gone_through_once]
    assert with_other_sets(by_number[0])() == by_number[0]()
    assert with_other_sets(by_number[1]).__code__ is by_number[1].__code__


def test_names_that_are_packed_alike_are_alike_in_a_packed_number():
    """Of the three numbers one stays, and a known packing of the others is the same in both."""
    pairs = batches.packed_alike(draws()).view(-1, 2, 3)
    assert len(pairs) > 5 * len(batches.STRIDES)
    assert pairs.min() >= 0
    assert pairs.max() <= 100_000
    met = set()
    for one, other in pairs.tolist():
        packings = {
            (stride, turn, upper)
            for stride in batches.STRIDES
            for turn in batches.TURNS
            for upper, lower in itertools.permutations(range(3), 2)
            if one != other and one[3 - upper - lower] == other[3 - upper - lower]
            if (one[upper] * stride + one[lower]) % turn
            == (other[upper] * stride + other[lower]) % turn
        }
        assert packings
        met |= packings
    assert len({stride for stride, _, _ in met}) == len(batches.STRIDES)
    assert {upper for _, _, upper in met} == {0, 1, 2}
