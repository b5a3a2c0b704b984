"""The questions of exercise 04 on a run: its losses, and their sums with a cap."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ...evaluation import CAP, cap
from ...tasks import Quadratics
from ...unroll import loss_and_gradient
from ..examining import TOLERANCE, Lost, close, must_be_kept, recognise, show, told
from ..lstm_questions import drawn

# 3. minimize


def exam_minimize(generator, ask, report):
    """The losses; what was given."""
    with report.criterion("the losses before each update", 0.25):
        for functions, steps, growth in ((3, 5, 1), (1, 1, 1), (4, 3, 1), (4, 6, 20)):
            asked, given = _run_question(functions, steps, generator)
            asked["probe_rate"] *= growth  # the last run diverges
            _judge_losses(ask, asked, given)
        for asked, given, idea in _special(generator):
            reply, expected = told(ask, asked, given), _both_runs(asked)
            tolerance = 1e-9 if asked["theta"].dtype == torch.float64 else TOLERANCE
            for t in range(asked["steps"]):
                close(
                    reply["losses"][:, t],
                    expected[:, t],
                    what=f"losses {t} of both runs",
                    given=given,
                    idea=idea,
                    tolerance=tolerance,
                )
        _judge_overflow(generator, ask)
        _judge_return(generator, ask)
    paid = report.criteria[-1].lost
    with report.criterion("the run leaves the start as it was", 0.25):
        asked, given = _run_question(2, 6, generator)
        reply = told(ask, asked, given)
        known = [_mistakes(asked, run) for run in (0, 1)]
        expected, say = _both_runs(asked), paid.found["look at"] if paid else ""
        if say in known[0]:  # a known mistake costs once
            expected = torch.stack([mistakes[say] for mistakes in known])
        close(
            reply["losses"],
            expected,
            what="the losses of both runs",
            given=given,
            idea="the losses are wrong anyway: begin with the criterion above"
            if paid
            else "the second run begins at its own start, with its own state",
        )
        _judge_manners(reply, asked["steps"], given)


def _judge_losses(ask: Callable, asked: dict, given: str) -> None:
    """Of the first run.

    Raises:
        Lost: they are wrong.
    """
    reply, expected = ask(**asked)["losses"][0], _losses_of(asked)
    known = {say: {"losses": wrong} for say, wrong in _mistakes(asked).items()}
    idea = "losses at theta_0 first, then theta <- theta + update, and so on"
    idea = recognise({"losses": reply}, known, idea)
    for t, losses in enumerate(expected):  # each row has its own size when a run diverges
        close(reply[t], losses, what=f"losses {t}", given=given, idea=idea)


def _mistakes(asked: dict, run: int = 0) -> dict[str, Tensor]:
    """The losses of a run with a known mistake, by what to say of each."""
    still = _losses_of(asked, run=run)[:1].expand(asked["steps"], -1)
    return {
        "these are the losses after each update; the first one belongs to theta_0": (
            _losses_of(asked, skip=1, run=run)
        ),
        "the rule was given None at every step; hand its state on": (
            _losses_of(asked, forget=True, run=run)
        ),
        "the update was subtracted; it is added": _losses_of(asked, sign=-1, run=run),
        "theta stays where it is; it becomes theta + update": still,
    }


def _special(generator: torch.Generator) -> Iterator[tuple[dict, str, str]]:
    """What goes wrong only late, only in float64, only in other memory; and what to say."""
    asked, given = _run_question(3, 60, generator)
    idea = "there are as many updates as steps, whatever the losses do"
    rest = {"probe_rate": 0.02, "probe_pause": [0, 1, 2, *range(25, 35)]}
    yield asked | rest, f"{given}, which rests for steps 1 to 3 and 26 to 35", idea
    asked, given = _run_question(3, 5, generator)
    for name in ("theta", "probe_y"):
        asked[name] = 0 * asked[name]
    yield asked, f"{given}, all at their minimum, from which the rule moves away", idea
    asked, given = _run_question(3, 8, generator)
    asked["theta"] = 1e30 * asked["theta"].double()
    idea = (
        "the losses keep the precision of f's; torch.empty and torch.zeros without a dtype do not"
    )
    yield asked, f"{given}, float64, theta of size 1e30, to nine digits", idea
    asked, given = _run_question(3, 5, generator)
    idea = "nothing that is given need lie in memory row by row"
    yield asked | {"probe_turned": True}, f"{given}, all in memory as transposed views", idea
    asked, given = _run_question(3, 5, generator)
    idea = "f is given a theta that is a constant like any other, and asks autograd itself"
    yield asked | {"probe_autograd": True}, f"{given}; f asks autograd for its gradients", idea


def _judge_overflow(generator: torch.Generator, ask: Callable) -> None:
    """Losses that are no numbers any more come back like all others, and the others go on.

    Raises:
        Lost: they do not.
    """
    asked, given = _run_question(3, 5, generator)
    given += ", which diverges at once"
    reply = ask(**asked | {"probe_rate": 1e25})
    losses = reply["losses"][0]
    if losses[1:].isfinite().any():
        raise Lost(
            f"the losses of one of them: {show(losses[:4, 0])}",
            "infinity or NaN after the first",
            given,
            "hand on what f gives, whatever it is; what it counts for is the next question",
        )
    if reply["times"]["f"] < asked["steps"]:
        raise Lost(
            f"f was asked {reply['times']['f']:g} times in a run",
            "once at each theta",
            given,
            "ask to the last step: a run that has diverged may come back",
        )
    for more in ({"probe_nan": None}, {"probe_nan": 2}):
        asked, given = _run_question(3, 8, generator)
        if more["probe_nan"] is None:
            asked["probe_W"][1] *= 1e7
            given += "; the second function diverges at once"
        else:
            given += "; its third update is NaN for the second function"
        losses = told(ask, asked | more, given)["losses"][0]
        close(
            losses[:, [0, 2]],
            _losses_of(asked)[:, [0, 2]],
            what="the losses of the two others",
            given=given,
            idea="a function that has diverged must not stop or reach the others",
        )
        if losses[-1, 1].isfinite():
            raise Lost(
                f"a last loss of the second function of {show(losses[-1, 1])}",
                "infinity or NaN",
                given,
                "theta becomes theta + update, whatever the update is",
            )


def _judge_return(generator: torch.Generator, ask: Callable) -> None:
    """Losses may be no numbers for once, while gradients are: the square overflows first.

    Raises:
        Lost: a function does not go on.
    """
    asked, given = _run_question(3, 8, generator)
    strange, extra = torch.tensor([math.inf, math.nan, 1e30]), torch.zeros(8, 3)
    extra[2, 0], extra[3, 1], extra[4, 2] = strange
    extra[[1, 5, 6]] = strange[:, None]
    given += (
        "; losses 1, 5 and 6 of all are infinite, NaN and 1e30, and so is one of each function "
        "besides, with gradients as usual"
    )
    got = told(ask, asked | {"probe_extra": extra}, given)["losses"][0]
    for t, right in enumerate(_losses_of(asked)):
        if (known := extra[t] == 0).any():
            idea = "theta becomes theta + update, whatever the loss is"
            close(got[t][known], right[known], what=f"losses {t}", given=given, idea=idea)
    found, put = got[extra != 0], extra[extra != 0]
    if not torch.allclose(found, put.to(found), rtol=TOLERANCE, equal_nan=True):
        raise Lost(
            f"{show(found)} for these losses",
            "what f has given",
            given,
            "hand on what f gives, whatever it is; what it counts for is the next question",
        )


def _judge_manners(reply: dict, steps: int, given: str) -> None:
    """Nothing given was changed, and nothing was asked in vain.

    Raises:
        Lost: it was.
    """
    must_be_kept(
        reply["changed"],
        given,
        "theta += update writes into a theta that somebody may have kept: the caller, f or the "
        "rule; make a new one at each step. What f and the rule give is theirs as well",
    )
    if reply["times"]["f"] > steps + 1 or reply["times"]["rule"] > steps:
        counts = " and ".join(f"{name} {times:g} times" for name, times in reply["times"].items())
        raise Lost(
            f"asked for in a run: {counts}",
            f"each {steps} times",
            given,
            "f gives losses and gradients together, and the rule's update is needed once",
        )


def _run_question(functions: int, steps: int, generator: torch.Generator) -> tuple[dict, str]:
    asked = {
        "probe_W": drawn((functions, 4, 4), generator, 0.5),
        "probe_y": drawn((functions, 4), generator),
        "theta": drawn((2, functions, 4), generator),
        "steps": steps,
        "probe_rate": 0.05 * (1 + float(torch.rand((), generator=generator))),
        "probe_decay": 0.5 + 0.4 * float(torch.rand((), generator=generator)),
    }
    return asked, f"{functions} functions, {steps} steps, a rule that remembers"


def _both_runs(asked: dict) -> Tensor:
    """The losses of the runs from both starts."""
    return torch.stack([_losses_of(asked, run=0), _losses_of(asked, run=1)])


def _losses_of(
    asked: dict, skip: int = 0, forget: bool = False, sign: int = 1, run: int = 0
) -> Tensor:
    """The losses of a run, with mistakes as one likes."""
    task = Quadratics(asked["probe_W"].double(), asked["probe_y"].double())
    theta, buffer, losses = asked["theta"][run].double(), 0, []
    for t in range(asked["steps"] + skip):
        loss, gradient = loss_and_gradient(task, theta, t)
        losses.append(loss)
        buffer = gradient if forget else asked["probe_decay"] * buffer + gradient
        moves = t not in asked.get("probe_pause", ())
        rate = asked["probe_rate"] / (1 if forget else 1 + t % 7)
        theta = theta - sign * moves * rate * (buffer + 0.1)
    return torch.stack(losses[skip:])


# 3. capped_sums


def exam_capped_sums(generator, ask, report):
    """Finite losses; NaN and infinity."""

    def losses(steps: int, functions: int, largest: float) -> Tensor:
        """Between a tenth of the first loss and ``largest`` times it, in logarithms."""
        first = 10 ** (2 * torch.rand(functions, generator=generator))
        low, high = math.log10(0.1), math.log10(largest)
        size = low + (high - low) * torch.rand(steps - 1, functions, generator=generator)
        return torch.cat([first[None], first * 10**size])

    def judge(each: Tensor, given: str, idea: str, **more) -> None:
        _judge_sums(ask, each, given, idea, **more)

    idea = "no loss counts more than ten times the first loss of its own function"
    with report.criterion("each loss is capped at ten times its function's first", 0.5):
        for steps, functions, largest in ((6, 4, 9.0), (1, 3, 2.0), (8, 5, 1000.0), (8, 1, 1e6)):
            each = losses(steps, functions, largest)
            if largest > 10:
                each[steps // 2] = each[0] * (20 + 30 * torch.rand(functions, generator=generator))
                each[-1] = each[0] / 2  # and a run may come back
            judge(each, f"{steps} losses of {functions} functions, {show(each[:, 0])}", idea)
        each = losses(200, 6, 50.0)
        judge(each, "200 losses of 6 functions, in memory as a transposed view", idea, way="turned")
        sizes = torch.tensor([1e-30, 1e-3, 1.0, 1e3, 1e30])
        judge(losses(9, 5, 50.0) * sizes, "losses of functions from 1e-30 to 1e30", idea)
        each = losses(9, 4, 50.0)
        each[:, 1], each[4, 2] = torch.tensor([0.0] + [0.2] * 8), 10 * each[0, 2]
        say = f"9 losses of 4 functions; those of one of them are {show(each[:4, 1])} and so on"
        judge(each, say, idea + "; a first loss of 0 is a first loss like any other")
        each = losses(9, 4, 50.0).double()
        say = "losses in float64, of sizes around 1e60, to nine digits"
        judge(1e60 * each, say, idea + "; or something is float32 on the way")
    with report.criterion("NaN and infinity count as the cap, each by itself", 0.5):
        each = losses(7, 5, 50.0)
        each[3:, 0], each[4:, 1] = math.inf, math.nan
        each[3, 2], each[4:, 2] = math.inf, math.nan
        each[2, 3], each[3, 4] = 1e38, math.nan  # and both come back
        judge(
            each,
            f"losses with inf and NaN among them, such as {show(each[2:5, 2])}",
            idea + "; a loss that is infinite or NaN counts as much as that, and no more",
            calls=(0,),
        )
        # Whoever loses digits, or a first loss of 0, has lost the criterion before.
        for each, given in () if report.criteria[0].lost else _broken(losses(9, 6, 50.0)):
            words = "no number is larger than infinity, and none of your choice is larger than all"
            judge(each, given, words + " losses", calls=(0,))


def _broken(losses: Tensor) -> Iterator[tuple[Tensor, str]]:
    """Losses of nine steps and six functions of all sizes, with one infinite and one NaN in each.

    The last function begins at its minimum, so that all its losses count as 0.
    """
    for dtype, largest in ((torch.float32, 30), (torch.float64, 200)):
        sizes = 10 ** torch.linspace(-largest, largest, 6, dtype=torch.float64)
        each = (losses.double() * sizes).to(dtype)
        each[3], each[6], each[0, -1] = math.inf, math.nan, 0.0
        first = ", ".join(f"{loss:.0e}" for loss in each[0].tolist())
        kind = str(dtype).removeprefix("torch.")
        yield each, f"losses in {kind} with inf and NaN among them; the first ones are {first}"


def _judge_sums(
    ask: Callable, losses: Tensor, given: str, idea: str, way: str = "", calls: tuple = (0, 1)
) -> None:
    """The sums of losses, and then of the same steps in another order, but for the first.

    The second call, and what was changed, are for one criterion only.

    Raises:
        Lost: they are wrong, or the losses were changed.
    """
    order = [0, *range(len(losses) - 1, 0, -1)]
    both = torch.stack([losses, losses[order] * 2])
    reply = told(ask, {"losses": both, "probe_turned": way == "turned"}, given)
    expected = torch.stack([cap(each).losses.sum(0) for each in both.double()])
    first, clean = losses[0].double(), losses.double().nan_to_num(nan=math.inf, posinf=math.inf)
    above = (clean > CAP * first).cummax(0).values
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
        "these are means over the steps; add up": expected[0] / len(losses),
        "a function that was above the cap once stays there in these sums; each loss is capped by "
        "itself": clean.cummax(0).values.where(above, clean).minimum(CAP * first).sum(0),
    }
    known = {say: {"sums": each} for say, each in wrong.items()}
    idea = recognise({"sums": reply["sums"][0]}, known, idea)
    if reply["sums"].isnan().any():
        idea = "minimum, clamp and sum hand NaN on: what must become of it before?"
    for call in calls:
        words = "; and then the same tensor with other losses in it" if call else ""
        scale = expected[call].clamp(min=1e-300)
        close(
            reply["sums"][call] / scale,
            expected[call] / scale,
            what="the sums (as a share of the right ones)",
            given=given + words,
            idea=idea,
            tolerance=1e-9 if losses.dtype == torch.float64 else TOLERANCE,
        )
    if 1 in calls:
        must_be_kept(
            reply["changed"],
            given,
            "losses[...] = ... and total += losses[0] write into what was given, out=... into what "
            "was returned before",
        )
