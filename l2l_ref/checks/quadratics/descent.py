"""The questions of exercise 04 on a run: its losses, and their sums with a cap."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ...evaluation import CAP, cap
from ...tasks import Quadratics
from ...unroll import loss_and_gradient
from ..examining import Lost, close, must_be_kept, recognise, show
from ..lstm_questions import drawn

# 3. minimize


def exam_minimize(generator, ask, report):
    """The losses; what was given."""
    with report.criterion("the losses before each update", 0.5):
        for functions, steps, growth in ((3, 5, 1), (1, 1, 1), (4, 3, 1), (4, 6, 20)):
            asked, given = _run_question(functions, steps, generator)
            asked["probe_rate"] *= growth  # the last run diverges
            reply, expected = ask(**asked), _losses_of(asked)
            thetas = {
                "these are the losses after each update; the first one belongs to theta_0": (
                    _losses_of(asked, skip=1)
                ),
                "the rule was given None at every step; hand its state on": (
                    _losses_of(asked, forget=True)
                ),
                "the update was subtracted; it is added": _losses_of(asked, sign=-1),
            }
            known = {say: {"losses": wrong} for say, wrong in thetas.items()}
            idea = "losses at theta_0 first, then theta <- theta + update, and so on"
            idea = recognise(reply, known, idea)
            for t, losses in enumerate(expected):  # each row has its own size when a run diverges
                close(reply["losses"][t], losses, what=f"losses {t}", given=given, idea=idea)
        _judge_overflow(generator, ask)
    with report.criterion("the run leaves the start as it was", 0.5):
        asked, given = _run_question(2, 4, generator)
        reply = ask(**asked)
        close(reply["losses"], _losses_of(asked), what="the losses", given=given)
        must_be_kept(
            reply["changed"], given, "theta += update writes into the start; make a new one"
        )


def _judge_overflow(generator: torch.Generator, ask: Callable) -> None:
    """Losses that are no numbers any more come back like all others.

    Raises:
        Lost: they do not.
    """
    asked, _ = _run_question(3, 5, generator)
    losses = ask(**asked | {"probe_rate": 1e25})["losses"]
    if losses[1:].isfinite().any():
        raise Lost(
            f"the losses of one of them: {show(losses[:4, 0])}",
            "infinity or NaN after the first",
            "3 functions, 5 steps, a rule that diverges at once",
            "hand on what f gives, whatever it is; what it counts for is the next question",
        )


def _run_question(functions: int, steps: int, generator: torch.Generator) -> tuple[dict, str]:
    asked = {
        "probe_W": drawn((functions, 4, 4), generator, 0.5),
        "probe_y": drawn((functions, 4), generator),
        "theta": drawn((functions, 4), generator),
        "steps": steps,
        "probe_rate": 0.05 * (1 + float(torch.rand((), generator=generator))),
        "probe_decay": 0.5 + 0.4 * float(torch.rand((), generator=generator)),
    }
    return asked, f"{functions} functions, {steps} steps, a rule that remembers"


def _losses_of(asked: dict, skip: int = 0, forget: bool = False, sign: int = 1) -> Tensor:
    """The losses of the run, with mistakes as one likes."""
    task = Quadratics(asked["probe_W"].double(), asked["probe_y"].double())
    theta, buffer, losses = asked["theta"].double(), 0, []
    for t in range(asked["steps"] + skip):
        loss, gradient = loss_and_gradient(task, theta, t)
        losses.append(loss)
        buffer = gradient if forget else asked["probe_decay"] * buffer + gradient
        theta = theta - sign * asked["probe_rate"] / (1 if forget else 1 + t) * buffer
    return torch.stack(losses[skip:])


# 3. capped_sums


def exam_capped_sums(generator, ask, report):
    """Finite losses; NaN and infinity."""

    def judge(losses: Tensor, given: str, idea: str) -> None:
        reply, expected = ask(losses=losses), cap(losses.double()).losses.sum(0)
        first = losses[0].double()
        clean = losses.double().nan_to_num(nan=math.inf)
        wrong = {
            "no loss was capped": losses.double().sum(0),
            "the sum was capped at ten times the first loss; cap each loss": (
                clean.sum(0).minimum(CAP * first)
            ),
            "the cap is ten times the first loss of the function itself, not the mean or the "
            "largest of all": clean.minimum(CAP * first.mean()).sum(0),
            "NaN counts as zero here; it must count as the cap": (
                losses.double().nan_to_num(nan=0.0, posinf=math.inf).minimum(CAP * first).sum(0)
            ),
            "these are means over the steps; add up": expected / len(losses),
        }
        known = {say: {"sums": each} for say, each in wrong.items()}
        scale = expected.abs()
        idea = recognise(reply, known, idea)
        close(
            reply["sums"] / scale,
            expected / scale,
            what="the sums (as a share of the right ones)",
            given=given,
            idea=idea,
        )
        must_be_kept(reply["changed"], given, "losses[...] = ... writes into what was given")

    def losses(steps: int, functions: int, largest: float) -> Tensor:
        """Between a tenth of the first loss and ``largest`` times it, in logarithms."""
        first = 10 ** (2 * torch.rand(functions, generator=generator))
        low, high = math.log10(0.1), math.log10(largest)
        size = low + (high - low) * torch.rand(steps - 1, functions, generator=generator)
        return torch.cat([first[None], first * 10**size])

    idea = "no loss counts more than ten times the first loss of its own function"
    with report.criterion("each loss is capped at ten times its function's first", 0.5):
        for steps, functions, largest in ((6, 4, 9.0), (1, 3, 2.0), (8, 5, 1000.0), (8, 1, 1e6)):
            each = losses(steps, functions, largest)
            if largest > 10:
                each[steps // 2] = each[0] * (20 + 30 * torch.rand(functions, generator=generator))
                each[-1] = each[0] / 2  # and a run may come back
            judge(each, f"{steps} losses of {functions} functions, {show(each[:, 0])}", idea)
    with report.criterion("NaN and infinity count as the cap", 0.5):
        each = losses(7, 5, 50.0)
        each[3:, 0], each[4:, 1] = math.inf, math.nan
        each[3, 2], each[4:, 2] = math.inf, math.nan
        each[2, 3] = 1e38
        judge(
            each,
            f"losses with inf and NaN among them, such as {show(each[2:5, 2])}",
            idea + "; a loss that is infinite or NaN counts as much as that, and no more",
        )
