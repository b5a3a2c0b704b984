"""The exam of paired runs in exercise 05: the same functions for all rules."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ...evaluation import CAP
from ..examining import TOLERANCE, Lost, Report, close, error, must_be_kept, recognise, told
from ..lstm_questions import drawn
from ..wire import Tensors

#: What is computed in float64 on both sides agrees to so many digits.
EXACT = 1e-9


def lost_before(report: Report) -> bool:
    """Whether a criterion before the one at hand is lost.

    What would go wrong in each of them, such as numbers that are not exact, or something kept of an
    earlier call, costs the first one, and is not asked for again.
    """
    return any(each.lost for each in report.criteria[:-1])


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
            "probe_times": torch.full((steps + 2, total), math.nan).double(),
        }

    def judge(asked: dict, idea: str, way: Mapping | None = None) -> dict:
        coarse = lost_before(report) or asked["probe_W"].dtype == torch.float32
        return judge_sums(ask, asked, idea, way or {}, TOLERANCE if coarse else EXACT)

    before = (
        "the losses at theta_0 and after each update but the last; step counts from 0 each time"
    )
    with report.criterion("the sums of one rule, batch by batch", 0.5):
        for batches, steps in (((3, 1, 2), 5), ((2, 2), 1), ((4,), 30), ((1, 1, 1), 7)):
            asked = question(["rule"], batches, steps)
            idea = "what is given, and what f and the rules return, is theirs: make new tensors"
            must_be_kept(judge(asked, before)["changed"], described(asked), idea)
        judge(in_dtype(question(["rule"], (2, 1), 6), torch.float32), before)
    lost = report.criteria[-1].lost
    way = WAYS.get(lost.found["look at"], {}) if lost else {}  # a mistake costs its points once
    with report.criterion("several rules meet the same functions", 1):
        many = [f"rule {k}" for k in range(12)]
        for names, batches in (("bac", (2, 2, 2)), (("one", "other"), (3, 2)), (many, (2,))):
            asked = question(names, batches, 4)
            for what in ("probe_rates", "probe_decays"):  # two are one and the same function
                asked[what][-1] = asked[what][0]
            reply = judge(asked, "go through the batches once, and run every rule on each", way)
            judge_memory(reply, asked)
    with report.criterion("losses above the cap are capped, and their functions counted", 1):
        for rate in (0.02, 1e6):
            asked = diverging(question(["rule"], (3, 4), 60), rate)
            judge(asked, "a loss counts at most ten times the first loss of its own function", way)


def in_dtype(asked: Mapping, dtype: torch.dtype) -> dict:
    """The question with all its tensors in a dtype."""
    return {n: v.to(dtype) if isinstance(v, Tensor) else v for n, v in asked.items()}


def diverging(asked: dict, rate: float) -> dict:
    """The question with losses above the cap, equal to it, infinite and NaN."""
    asked["probe_rates"] = [rate]
    asked["probe_W"][1::3] *= 1e-5  # these do not diverge
    asked["probe_y"][:, 2] *= 1e3
    for what in (asked["probe_y"][:, 3], asked["probe_W"][3]):
        what *= 1e-4
    for step, function in ((20, 1), (40, 1), (30, 5), (60, 4)):  # the last one comes too late
        asked["probe_y"][step, function] *= 20
    asked["probe_y"][25, 0], asked["probe_y"][35, 6] = math.inf, math.nan  # at one stroke
    asked["probe_times"][45, 1] = math.inf  # which passes by, as theta stays finite
    asked["probe_times"][10, 2] = asked["probe_times"][50, 4] = CAP  # equal to it, and not above
    return asked


def described(asked: Mapping) -> str:
    """What was asked, in a line."""
    rules = f"{len(asked['names'])} rule{'s' * (len(asked['names']) > 1)}"
    dtype = str(asked["probe_W"].dtype)[6:]
    return f"{rules}, batches of {asked['batches']} functions, {asked['steps']} steps, {dtype}"


def judge_sums(ask, asked: dict, idea: str, way: Mapping, tolerance: float) -> dict:
    """The sums and counts of all rules, as they should be, or with a mistake known before.

    Args:
        way: the mistake, as arguments of `losses_of`.

    Raises:
        Lost: some are others.
    """
    given = described(asked)
    reply, asked = told(ask, asked, given), in_dtype(asked, torch.float64)
    for name in asked["names"]:
        (sums, count), got = ran(asked, name, **way), reply["sums"][name]
        scale = sums.abs()
        wrong = {say: {name: each} for say, each in mistakes_in_sums(asked, name).items()}
        say = recognise({name: got}, wrong, idea)
        if got.isnan().any():
            say = "NaN counts as the cap, and is neither above it nor below"
        elif tolerance < error(got / scale, sums / scale) < TOLERANCE:
            say = "f is in float64; something on the way to the sums is float32"
        close(
            got / scale,
            sums / scale,
            what=f"the sums of {name}, each divided by the right one",
            given=given,
            idea=say,
            tolerance=tolerance,
        )
        close(
            1 + reply["counts"][name],  # so that none has a scale, too
            torch.tensor(1.0 + count),
            what=f"one more than the count of {name}",
            given=given,
            idea="count the functions, each once, that had a loss above the cap, infinite or NaN, "
            "before one of the updates; a loss equal to the cap is not above it",
        )
    return reply


def judge_memory(reply: dict, asked: dict) -> None:
    """Only one batch is there at a time.

    Raises:
        Lost: there are more.
    """
    if reply["crowd"]:
        idea = (
            "for theta_0, f in batches: run all rules on this one; keep no list of batches, nor of "
        )
        idea += "starts, thetas or states: only sums and counts live on"
        raise Lost(reply["crowd"], "one batch in memory at a time", described(asked), idea)


def losses_of(
    asked: dict, name: str, *, late=0, first_step=0, forget=False, sign=1, after=False
) -> Tensor:
    """The first loss, then the losses before each update, with mistakes as one likes."""
    place = asked["names"].index(name)
    rate, decay = asked["probe_rates"][place], asked["probe_decays"][place]
    W, theta = asked["probe_W"], asked["probe_theta"]

    def residual(theta: Tensor, step: int) -> Tensor:
        return torch.einsum("fmn,fn->fm", W, theta) - asked["probe_y"][step]

    def loss(theta: Tensor, step: int) -> Tensor:
        times = asked["probe_times"][step]
        return torch.where(times.isnan(), residual(theta, step).square().sum(1), times * first)

    first = residual(theta, 0).square().sum(1)  # which `loss` needs
    buffer, losses = torch.zeros_like(theta), []
    for t in range(asked["steps"] + late):
        step = (t + first_step) % len(asked["probe_y"])
        gradient = 2 * torch.einsum("fmn,fm->fn", W, residual(theta, step))
        buffer = gradient if forget else decay * buffer + gradient
        moved = theta - sign * rate * (2 if forget else 1 + 1 / (1 + t)) * buffer
        losses.append(loss(moved if after else theta, step))
        theta = moved
    return torch.stack([losses[0], *losses[late:]])


def capped(losses: Tensor) -> Tensor:
    """What the losses count, by those that follow the first; NaN and infinity as the cap."""
    return losses[1:].nan_to_num(nan=math.inf, posinf=math.inf).minimum(CAP * losses[0])


def ran(asked: dict, name: str, **way) -> tuple[Tensor, int]:
    """The capped sums, and how many functions had a loss above the cap."""
    losses = losses_of(asked, name, **way)
    above = ~losses[1:].isfinite() | (losses[1:] > CAP * losses[0])
    return capped(losses).sum(0), int(above.any(0).sum())


#: Known mistakes in a run, as arguments of `losses_of`.
WAYS = {
    "these are the losses after each update; the first one belongs to theta_0": {"late": 1},
    "these are the losses after each update, where one before it is asked for": {"after": True},
    "the rule was given None at every step; hand its state on": {"forget": True},
    "the update was subtracted; it is added": {"sign": -1},
    "the steps were counted from 1; the first is step 0": {"first_step": 1},
}


def mistakes_in_sums(asked: dict, name: str) -> Tensors:
    """What known mistakes make of the sums."""
    right = losses_of(asked, name)
    losses, limit = right[1:], CAP * right[0]
    nan_is_much = losses.nan_to_num(nan=math.inf, posinf=math.inf)
    nan_is_zero = losses.nan_to_num(nan=0.0, posinf=math.inf)
    wrong = {say: capped(losses_of(asked, name, **way)).sum(0) for say, way in WAYS.items()} | {
        "no loss was capped": losses.sum(0),
        "the sum was capped, not each loss": nan_is_much.sum(0).minimum(limit),
        "NaN counts as zero here; it must count as the cap": nan_is_zero.minimum(limit).sum(0),
    }
    expected = capped(right).sum(0)
    return {say: each for say, each in wrong.items() if not error(each, expected) < 1e-3}
