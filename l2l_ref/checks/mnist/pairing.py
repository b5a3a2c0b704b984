"""The questions of exercise 05 on pairs: the same functions for both, and what that tells."""

import itertools
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ...evaluation import CAP, cap
from ..examining import close, error, must_be_kept, recognise
from ..lstm_questions import drawn
from ..wire import Tensors
from .run import INTERVALS

# 4. paired_sums


def exam_paired_sums(generator, ask, report):
    """The sums of one rule; several rules; the cap."""

    def question(names: Sequence[str], batches: Sequence[int], steps: int) -> dict:
        total = sum(batches)
        rates, decays = torch.rand(2, len(names), generator=generator).double()
        return {
            "names": list(names),
            "probe_rates": (0.01 + 0.03 * rates).tolist(),
            "probe_decays": (0.4 + 0.4 * decays).tolist(),
            "batches": list(batches),
            "steps": steps,
            "probe_W": drawn((total, 4, 3), generator, 0.5).double(),
            "probe_y": drawn((1, total, 4), generator, 3.0).double()
            + drawn((steps + 2, total, 4), generator, 0.3).double(),
            "probe_theta": drawn((total, 3), generator).double(),
        }

    def judge(asked: dict, idea: str) -> None:
        sizes, steps = asked["batches"], asked["steps"]
        given = f"{len(asked['names'])} rules, batches of {sizes} functions, {steps} steps"
        reply = ask(**asked)
        for name in asked["names"]:
            (sums, count), got = ran(asked, name), reply["sums"][name]
            scale = sums.abs()
            wrong = {say: {name: each} for say, each in mistakes_in_sums(asked, name).items()}
            say = recognise({name: got}, wrong, idea)
            what = f"the sums of {name}, as a share of the right ones,"
            close(got / scale, sums / scale, what=what, given=given, idea=say)
            close(
                1 + reply["counts"][name],  # so that none has a scale, too
                torch.tensor(1.0 + count),
                what=f"one more than the count of {name}",
                given=given,
                idea="count the functions, each once, that had a loss above the cap before one of "
                "the updates",
            )
        idea = "theta += update writes into theta_0, and the next rule starts elsewhere"
        must_be_kept(reply["changed"], given, idea)

    before = (
        "the losses at theta_0 and after each update but the last; step counts from 0 each time"
    )
    with report.criterion("the sums of one rule, batch by batch", 1):
        for batches, steps in (((3, 1, 2), 5), ((2, 2), 1), ((4,), 3), ((1, 1, 1), 7)):
            judge(question(["rule"], batches, steps), before)
    with report.criterion("several rules meet the same functions", 1):
        for names, batches in ((("b", "a", "c"), (2, 2, 2)), (("one", "other"), (3, 1))):
            asked = question(names, batches, 4)
            asked["probe_rates"][-1] = asked["probe_rates"][0]
            judge(asked, "go through the batches once, and run every rule on each of them")
    with report.criterion("losses above the cap are capped, and their functions counted", 1):
        for rate in (0.02, 1e6):
            asked = question(["rule"], (3, 4), 60)
            asked["probe_rates"] = [rate]
            asked["probe_W"][1::3] *= 1e-5  # these do not diverge
            jump = torch.zeros(62, 7, dtype=torch.bool)
            jump[[20, 40], 1] = jump[[30], 5] = jump[[60], 4] = True  # the last one comes too late
            asked["probe_y"][jump] *= 20  # a loss far above the cap, once or twice
            asked["probe_y"][25, 0], asked["probe_y"][35, 6] = math.inf, math.nan  # at one stroke
            judge(asked, "a loss counts at most ten times the first loss of its own function")


def losses_of(asked: dict, name: str, *, skip=0, first_step=0, forget=False, sign=1) -> Tensor:
    """The losses of a rule before each update, with mistakes as one likes."""
    place = asked["names"].index(name)
    rate, decay = asked["probe_rates"][place], asked["probe_decays"][place]
    W, y, theta = asked["probe_W"], asked["probe_y"], asked["probe_theta"]
    buffer, losses = torch.zeros_like(theta), []
    for t in range(asked["steps"] + skip):
        residual = torch.einsum("fmn,fn->fm", W, theta) - y[(t + first_step) % len(y)]
        losses.append(residual.square().sum(1))
        gradient = 2 * torch.einsum("fmn,fm->fn", W, residual)
        buffer = gradient if forget else decay * buffer + gradient
        theta = theta - sign * rate * (2 if forget else 1 + 1 / (1 + t)) * buffer
    return torch.stack(losses)


def ran(asked: dict, name: str) -> tuple[Tensor, int]:
    """The capped sums, and how many functions met the cap."""
    outcome = cap(losses_of(asked, name))
    return outcome.losses.sum(0), int(outcome.diverged.sum())


def mistakes_in_sums(asked: dict, name: str) -> Tensors:
    """What known mistakes make of the sums."""

    def capped(losses: Tensor) -> Tensor:
        return cap(losses).losses.sum(0)

    losses = losses_of(asked, name)
    first = losses[0]
    after = losses_of(asked, name, skip=1)
    late = torch.minimum(after[1:].nan_to_num(nan=math.inf), CAP * first).sum(0)
    wrong = {
        "these are the losses after each update; the first one belongs to theta_0": late,
        "the rule was given None at every step; hand its state on": (
            capped(losses_of(asked, name, forget=True))
        ),
        "the update was subtracted; it is added": capped(losses_of(asked, name, sign=-1)),
        "the steps were counted from 1; the first is step 0": (
            capped(losses_of(asked, name, first_step=1))
        ),
        "no loss was capped": losses.sum(0),
        "the sum was capped, not each loss": losses.nan_to_num(nan=math.inf)
        .sum(0)
        .minimum(CAP * first),
        "NaN counts as zero here; it must count as the cap": (
            losses.nan_to_num(nan=0.0, posinf=math.inf).minimum(CAP * first).sum(0)
        ),
    }
    right = capped(losses)
    return {say: each for say, each in wrong.items() if not error(each, right) < 1e-3}


# 5. compare


def exam_compare(generator, ask, report):
    """The numbers; the two intervals; the gain."""

    def question(count: int, shared: float) -> tuple[dict, str]:
        """Sums that have some luck in common, or the opposite."""
        luck, own, its = (drawn((count,), generator).double() for _ in range(3))
        a = (3 + 0.3 * own + shared * luck).exp()
        b = (3.4 + 0.2 * its + abs(shared) * luck).exp()
        return {"a": a, "b": b}, f"{count} pairs, {'alike' if shared > 0 else 'opposed'}"

    cases = ((12, 0.5), (2, 0.3), (40, -0.4), (7, 0.6))
    with report.criterion("the difference and the ratio of the means", 0.5):
        for asked, given in itertools.starmap(question, cases):
            reply, expected = ask(**asked), compared(**asked)
            a, b = asked["a"], asked["b"]
            wrong = {
                "this is the mean of the ratios": {"ratio": (a / b).mean()},
                "the ratio is upside down": {"ratio": 1 / expected["ratio"]},
                "the difference has the wrong sign": {"difference": -expected["difference"]},
                "these are medians": {"ratio": a.median() / b.median()},
            }
            idea = recognise(reply, wrong, "the difference of the means, a - b; their ratio, a / b")
            for name in ("difference", "ratio"):
                close(reply[name], expected[name], what=f"the {name}", given=given, idea=idea)
            must_be_kept(reply["changed"], given, "a -= b writes into what was given")
    for name, title in zip(
        INTERVALS, ("the interval of the difference", "the interval of the ratio"), strict=True
    ):
        with report.criterion(title, 1):
            for asked, given in itertools.starmap(question, cases):
                reply, expected = ask(**asked), compared(**asked)
                judge_interval(reply[name], expected[name], mistakes_in(asked, name), name, given)
    with report.criterion("what pairing buys", 0.5):
        for asked, given in itertools.starmap(question, cases):
            reply, expected = ask(**asked), compared(**asked)
            gain = expected["gain"]
            wrong = {
                "this is its root; the gain is in runs, which go with the variance": gain.sqrt(),
                "the gain is upside down": 1 / gain,
                "the variance without pairing is the sum of both, not their mean": gain / 2,
            }
            idea = recognise(
                reply,
                {say: {"gain": each} for say, each in wrong.items()},
                "the variances of a and b, added up, over the variance of a - b",
            )
            close(reply["gain"], gain, what="the gain", given=given, idea=idea)


def compared(a: Tensor, b: Tensor) -> Tensors:
    """The answer, written with sums over the pairs."""
    n, mean_a, mean_b = len(a), a.mean(), b.mean()
    centred = torch.stack([a - mean_a, b - mean_b])
    (aa, ab), (_, bb) = centred @ centred.T / (n - 1)
    ratio, difference = mean_a / mean_b, mean_a - mean_b
    apart = aa + bb - 2 * ab
    along = (aa - 2 * ratio * ab + ratio**2 * bb) / mean_b**2
    return {
        "difference": difference,
        "difference_ci95": _around(difference, apart, n),
        "ratio": ratio,
        "ratio_ci95": _around(ratio, along, n),
        "gain": (aa + bb) / apart,
    }


def _around(middle: Tensor, variance: Tensor, n: int) -> Tensor:
    half = 1.96 * (variance / n).sqrt()
    return torch.stack([middle - half, middle + half])


def mistakes_in(asked: dict, name: str) -> dict[str, Tensor]:
    """Intervals that known mistakes give."""
    a, b = asked["a"], asked["b"]
    n, ratio = len(a), a.mean() / b.mean()
    if name == "difference_ci95":
        middle, unpaired = (a - b).mean(), a.var() + b.var()
        z = a - b
    else:
        middle = ratio
        unpaired = (a.var() + ratio**2 * b.var()) / b.mean() ** 2
        z = ratio + (a - ratio * b) / b.mean()
    return {
        "this is the interval without pairing; it is much the same as if the two had met other "
        "functions": _around(middle, unpaired, n),
        "this is the spread of single runs; that of their mean is smaller by the root of n": (
            _around(middle, z.var() * n, n)
        ),
        "the root over the variance is missing": _around(middle, z.var() ** 2, n),
        "the sum of squares is divided by n - 1, not by n": (
            _around(middle, z.var() * (n - 1) / n, n)
        ),
        "b was taken for a constant here; its mean is uncertain, too": (
            _around(middle, a.var() / b.mean() ** (2 if name == "ratio_ci95" else 0), n)
        ),
        "this is the interval of the mean of the ratios": (
            _around((a / b).mean(), (a / b).var(), n)
        ),
        "this reaches one standard error to each side": _around(middle, z.var() / 1.96**2, n),
    }


def judge_interval(
    got: Tensor, expected: Tensor, mistakes: Mapping[str, Tensor], name: str, given: str
) -> None:
    """Compare the middles and the half widths, each at its own scale.

    Raises:
        Lost: they differ.
    """

    def middle_and_half(ends: Tensor) -> Tensor:
        return torch.stack([ends.sum() / 2, (ends[1] - ends[0]) / 2])

    got, right = middle_and_half(got), middle_and_half(expected)
    known = {say: {name: middle_and_half(each)} for say, each in mistakes.items()}
    idea = "middle and half width: the mean of z, and 1.96 s over the root of n, with z as defined"
    idea = recognise({name: got}, known, idea)
    for place, what in enumerate(("the middle", "half the width")):
        close(got[place], right[place], what=f"{name}, {what}", given=given, idea=idea)
