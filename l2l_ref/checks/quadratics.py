"""The examining side of exercise 04: the functions, the runs, the comparison, the update rule.

The rivals, the meta-step and the race have modules of their own.
"""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ..evaluation import CAP, cap
from ..tasks import Quadratics
from ..unroll import loss_and_gradient
from .examining import (
    SIGMAS,
    TOLERANCE,
    Check,
    Lost,
    Question,
    close,
    error,
    must_be_kept,
    recognise,
    seed_from,
    show,
    whole,
)
from .lstm_questions import drawn
from .quadratics_meta_step import exam_meta_step
from .quadratics_race import exam_learned
from .quadratics_rules import exam_adam, exam_momentum, exam_rmsprop
from .quadratics_run import (
    run_capped_sums,
    run_compare,
    run_learned,
    run_losses_and_gradients,
    run_meta_step,
    run_minimize,
    run_read_off,
    run_rule,
    run_sample,
)

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.optimizers",
    "l2l_ref.tasks",
    "l2l_ref.tape",
    "l2l_ref.unroll",
    "l2l_ref.minimizers",
    "l2l_ref.training",
    "l2l_ref.evaluation",
    "l2l_ref.checks.quadratics_run",
    "l2l_ref.checks.lstm_optimizer_run",
)

Tensors = dict[str, Tensor]


# 1. sample


def exam_sample(generator, ask, report):
    """The distribution; what it depends on."""

    def question(functions: int, calls: int = 1) -> dict:
        seed = seed_from(generator)
        return {"functions": functions, "probe_seed": seed, "calls": calls}

    with report.criterion("every entry is normal and independent of the others", 0.5):
        reply = ask(**question(400))
        given = "400 functions of 10 coordinates"
        for what, sigmas, expected, idea in statistics(reply["W first"][0], reply["y first"][0]):
            if not abs(sigmas) < SIGMAS:
                raise Lost(what, expected, given, idea)
        for size in (1, 4):
            W = ask(**question(200), size=size)["W first"][0]
            if not abs(W.double().std() - 1) < 0.3:  # six standard deviations of that number
                raise Lost(
                    f"entries of W with the standard deviation {show(float(W.std()))}",
                    "the standard deviation 1, whatever the size",
                    f"200 functions, size = {size}",
                    "torch.randn is right as it comes",
                )
    with report.criterion(
        "the functions depend on the generator's state, and on nothing else", 0.5
    ):
        reply = ask(**question(5, calls=2))
        given = "5 functions, twice in a row from one generator"
        for name in "Wy":
            first, again = reply[f"{name} first"], reply[f"{name} again"]
            if error(first[0], first[1]) < TOLERANCE:
                raise Lost(
                    f"{name} is the same both times",
                    "other functions at the second call",
                    given,
                    "a generator moves on while numbers are drawn from it; do not put it back, "
                    "and draw from the generator itself, not from a seed it once had",
                )
            if error(first, again) > TOLERANCE:
                raise Lost(
                    f"{name} begins {show(first[0, 0])} at first, then {show(again[0, 0])}",
                    "the same functions",
                    "generators in the same state, twice",
                    "hand the generator on: torch.randn(..., generator=generator), for W and for "
                    "y; without it the numbers come from torch's global generator",
                )
        if reply["moved"]:
            raise Lost(
                "torch's global generator has moved, or was seeded",
                "it is as it was",
                given,
                "draw from the generator that is given, and never call torch.manual_seed here",
            )


def statistics(W: Tensor, y: Tensor) -> Iterator[tuple[str, float, str, str]]:
    """How many standard deviations each statistic is off, with what to say about it.

    What ties entries together comes first, since the mean of such entries strays too.
    """
    W, y = W.double(), y.double()
    yield from _relations(*((x - x.mean()) / x.std().clamp(min=1e-9) for x in (W, y)))
    normal = "torch.randn draws from the standard normal distribution, torch.rand does not"
    for name, x in (("W", W.flatten()), ("y", y.flatten())):
        n, square, fourth = len(x), x.square().mean(), x.pow(4).mean()
        yield f"{name} with the mean {show(x.mean())}", x.mean() * n**0.5, "mean 0", normal
        off = (square - 1) * (n / 2) ** 0.5
        yield f"{name} with the mean square {show(square)}", off, "mean square 1", normal
        off = (fourth - 3) * (n / 96) ** 0.5
        say = f"{name} whose fourth powers have the mean {show(fourth)}"
        yield say, off, "3, as for a normal distribution", normal


def _relations(W: Tensor, y: Tensor) -> Iterator[tuple[str, float, str, str]]:
    """Whether entries of mean 0 and mean square 1 know of each other."""
    functions, size = y.shape

    def chance(sums: Tensor) -> float:
        """Of the squares of numbers that should each be standard normal (Wilson, Hilferty)."""
        spread = 2 / (9 * sums.numel())
        return float((sums.square().mean() ** (1 / 3) - (1 - spread)) / spread**0.5)

    pairs = torch.ones(size, size).triu(1) == 1
    rows = torch.einsum("fik,fjk->ij", W, W)[pairs] / (functions * size) ** 0.5
    columns = torch.einsum("fki,fkj->ij", W, W)[pairs] / (functions * size) ** 0.5
    mirror = torch.einsum("fij,fji->ij", W, W)[pairs] / functions**0.5
    with_y = torch.einsum("fij,fk->ijk", W, y) / functions**0.5
    from_W = torch.einsum("fi,fj,fik,fjk->ij", y, y, W, W)[pairs] / (functions * size) ** 0.5
    among_y = torch.einsum("fi,fj->ij", y, y)[pairs] / functions**0.5
    half = functions // 2
    halves = (W[:half] * W[half : 2 * half]).sum(0) / half**0.5
    own = "every entry is drawn for itself; expand(), repeat() and W + W.mT tie entries together"
    for what, sums in (
        ("all functions have the same W", W.sum(0) / functions**0.5),
        ("all functions have the same y", y.sum(0) / functions**0.5),
        ("half of the functions have the W of the other half", halves),
        ("the rows of each W are related", rows),
        ("the columns of each W are related", columns),
        ("each W and its transpose are related", mirror),
        ("W and y are related", with_y),
        ("y was made from W", from_W),
        ("the entries of y are related", among_y),
    ):
        yield what, chance(sums), "independent entries", own


# 1. losses_and_gradients


def exam_losses_and_gradients(generator, ask, report):
    """Values; gradients; constants."""

    def question(functions: int, m: int, n: int) -> tuple[dict, Quadratics, str]:
        asked = {
            "W": drawn((functions, m, n), generator),
            "y": drawn((functions, m), generator),
            "theta": drawn((functions, n), generator),
        }
        task = Quadratics(asked["W"].double(), asked["y"].double())
        plural = "s" if functions > 1 else ""
        return asked, task, f"{functions} function{plural}, each W {m} x {n}"

    shapes = ((3, 4, 4), (4, 4, 4), (1, 3, 3), (2, 5, 3), (3, 2, 4))
    with report.criterion("the losses, one for each function", 0.5):
        for shape in shapes:
            asked, task, given = question(*shape)
            reply = ask(**asked)
            losses = task.loss(asked["theta"].double(), 0)
            wrong = {
                "this is the norm; the loss is its square": losses.sqrt(),
                "this is the mean of the squares; the loss is their sum": losses / shape[1],
                "these losses are divided by 2": losses / 2,
            }
            idea = recognise(
                reply,
                {say: {"losses": each} for say, each in wrong.items()},
                "the sum of the squares of W theta - y, for each function by itself",
            )
            close(reply["losses"], losses, what="the losses", given=given, idea=idea)
    with report.criterion("the gradients; all are constants, and what was given stays", 0.5):
        for shape in shapes:
            asked, task, given = question(*shape)
            reply = ask(**asked)
            losses, gradients = loss_and_gradient(task, asked["theta"].double(), 0)
            close(reply["losses"], losses, what="the losses", given=given)
            wrong = {
                "a factor 2 is missing": gradients / 2,
                "this is the gradient of the mean over the functions; the mean divides every "
                "function's gradient by their number": gradients / shape[0],
                "the sign is wrong: the gradient leads uphill": -gradients,
            }
            if shape[0] == 1:
                wrong.pop(next(say for say in wrong if "mean over" in say))
            idea = recognise(
                reply,
                {say: {"gradients": each} for say, each in wrong.items()},
                "the gradient is 2 W^T (W theta - y), for each function by itself",
            )
            close(reply["gradients"], gradients, what="the gradients", given=given, idea=idea)
            if reply["with_graph"]:
                raise Lost(
                    f"with a graph: {' and '.join(reply['with_graph'])}",
                    "constants",
                    given,
                    "detach() what was computed from a theta that requires a gradient",
                )
            idea = (
                "theta.requires_grad_(), -= and the like change what the caller has; detach() and "
                "the usual operators make new tensors"
            )
            must_be_kept(reply["changed"], given, idea)


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


# 4. compare


def exam_compare(generator, ask, report):
    """The choice; the report; what was asked."""

    def question() -> tuple[dict, str]:
        names, grid = ["sgd", "momentum", "adam"], torch.tensor([1.0, 0.3, 0.1, 0.03, 0.01, 0.003])
        names = [names[k] for k in torch.randperm(3, generator=generator)]
        few = whole(4, 6, generator)
        many = whole(12, 19, generator)
        rates = grid[torch.randperm(len(grid), generator=generator)[:few]]
        rates = (rates * (1 + torch.rand(len(rates), generator=generator))).tolist()
        order = torch.randperm(2 * many + 1, generator=generator).tolist()
        # A few functions are much harder than the rest, so that medians choose other rates.
        table = 50 * (1.5 * drawn((len(names), len(rates), len(order)), generator)).exp()
        asked = {
            "names": names,
            "rates": rates,
            "search": sorted(order[: many + 1]),
            "report": sorted(order[many + 1 :]),
            "probe_table": table,
        }
        return asked, (
            f"3 rules, {len(rates)} rates, {many + 1} functions to search on, {many} to report on"
        )

    def answers(asked: dict, search: list, report: list, average=torch.mean):
        """Rates and means for a choice made on some functions and a report on others."""
        table = asked["probe_table"].double()
        rates = table[:, :, search]
        best = (rates.mean(-1) if average is torch.mean else rates.median(-1).values).argmin(-1)
        means = table[:, :, report].mean(-1).gather(1, best[:, None])[:, 0]
        return {"rates": torch.tensor(asked["rates"])[best], "means": means}

    def expected_of(asked: dict) -> tuple[Tensors, dict[str, Tensors]]:
        search, report = asked["search"], asked["report"]
        medians = answers(asked, search, report, torch.median)
        return answers(asked, search, report), {
            "these rates are the best on the report set: choose on the search set": (
                {"rates": answers(asked, report, report)["rates"]}
            ),
            "these rates are the best on both sets together: choose on the search set": (
                {"rates": answers(asked, search + report, report)["rates"]}
            ),
            "these rates have the lowest median; the mean is asked for": (
                {"rates": medians["rates"]}
            ),
        }

    with report.criterion("each rule gets the rate with the lowest mean on the search set", 0.5):
        for _ in range(3):
            asked, given = question()
            reply, (expected, mistakes) = ask(**asked), expected_of(asked)
            idea = recognise(reply, mistakes, "the mean of the sums, for each rule by itself")
            close(
                reply["rates"],
                expected["rates"],
                what="the rates of " + ", ".join(asked["names"]),
                given=given,
                idea=idea,
            )
    with report.criterion("the number reported is the mean on the report set", 0.5):
        for _ in range(3):
            asked, given = question()
            reply, (expected, _) = ask(**asked), expected_of(asked)
            search, held_out = asked["search"], asked["report"]
            mistakes = {
                "these are the means on the search set": answers(asked, search, search),
                "these are the means over all functions": answers(asked, search, search + held_out),
                "these are the best means on the report set, over all rates": (
                    answers(asked, held_out, held_out)
                ),
            }
            known = {say: {"means": each["means"]} for say, each in mistakes.items()}
            idea = recognise(reply, known, "the mean of sums(name, chosen rate, report)")
            close(reply["means"], expected["means"], what="the means", given=given, idea=idea)
    with report.criterion("the report set is opened once for each rule, after the search", 1):
        for _ in range(3):
            asked, given = question()
            reply, (expected, _) = ask(**asked), expected_of(asked)
            for what in ("rates", "means"):
                close(reply[what], expected[what], what=f"the {what}", given=given)
            judge_record(reply["asked"], asked, given)
            must_be_kept(reply["changed"], given, "the lists that were given are as they were")


def judge_record(record: list, asked: dict, given: str) -> None:
    """What ``sums`` was asked.

    Raises:
        Lost: the sets were mixed, or one was used for what it is not there for.
    """
    search, report = set(asked["search"]), set(asked["report"])
    opened: dict[str, list[float]] = {name: [] for name in asked["names"]}
    tried: dict[str, set[float]] = {name: set() for name in asked["names"]}
    for name, rate, numbers in record:
        if set(numbers) == search:
            if opened[name]:
                raise Lost(
                    f"{name} was searched on after its report set had been opened",
                    "search first, report afterwards",
                    given,
                    "whoever has seen the report can no longer choose without it",
                )
            tried[name].add(rate)
        elif set(numbers) == report:
            opened[name].append(rate)
        else:
            raise Lost(
                f"sums({name!r}, {rate:g}, {numbers}), which is neither of the two sets",
                f"the search set {sorted(search)} or the report set {sorted(report)}, as a whole",
                given,
                "all rules must meet the same functions, and the two sets must not mix",
            )
    for name, rates in opened.items():
        if len(tried[name]) < len(asked["rates"]):
            raise Lost(
                f"{name} was tried with {len(tried[name])} rates on the search set",
                f"with all {len(asked['rates'])}",
                given,
                "a rival that is tuned less than another is beaten too easily",
            )
        if len(rates) != 1:
            raise Lost(
                f"for {name} the report set was opened {len(rates)} times",
                "once, at the rate that the search has chosen",
                given,
                "a number that was picked among several is better than it should be",
            )


# 7. read_off


def exam_read_off(generator, ask, report):
    """The slopes; the largest update."""

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    def question(decay: float, upward: bool) -> tuple[dict, str]:
        """Each rule has a larger bound in one direction, upward or downward."""
        limits = [uniform(0.2, 0.4), uniform(0.5, 0.9)]
        if not upward:
            limits.reverse()
        asked = {
            "probe_gain": uniform(0.03, 0.05),
            "probe_decay": decay,
            "probe_low": limits[0],
            "probe_high": limits[1],
            # Large beside what a small gradient does, yet float32 shows it all the same.
            "probe_offset": uniform(5e-4, 1e-3) * (1 if uniform(0.0, 1.0) < 0.5 else -1),
            "probe_reach": 1e6,
        }
        return asked, "a rule that sums gradients up, with bounded updates"

    def slow(asked: dict) -> dict:
        """So slow that the largest update comes late, and below the bound."""
        return asked | {"probe_gain": uniform(2e-5, 4e-5)}

    def growing(asked: dict) -> dict:
        """The updates go on growing after a hundred steps."""
        return asked | {"probe_gain": uniform(2e-6, 3e-6)}

    def timid(asked: dict) -> dict:
        """The largest updates are neither for the smallest nor for the largest gradients."""
        return asked | {"probe_reach": uniform(250.0, 350.0)}

    slopes = (
        "(u(h) - u(-h)) / (2 h) with a small h, where u is the first update, or the 20th of a run "
        "in which h is held and the state handed on"
    )
    with report.criterion("both slopes at gradient zero", 0.5):
        for decay, upward in ((uniform(0.93, 0.98), True), (-uniform(0.9, 0.97), False)):
            asked, given = question(decay, upward)
            reply, expected = ask(**asked), numbers_of(asked)
            wrong = {
                "these are absolute values; a rule that goes downhill has negative slopes": (
                    expected.abs()
                ),
                "the second slope is the first one again: hold the gradient for 20 steps, and hand "
                "the state on": expected[[0, 0]],
                "the second slope is that of update 21": numbers_of(asked, 21),
                "the second slope is that of update 19": numbers_of(asked, 19),
            }
            got = {"slopes": reply["numbers"][:2]}
            known = {say: {"slopes": each[:2]} for say, each in wrong.items()}
            for number, name in enumerate(("slope", "slope_after_20")):
                scale = expected[number].abs()
                close(
                    reply["numbers"][number] / scale,
                    expected[number] / scale,
                    what=f"{name} (as a share of its size {show(scale)})",
                    given=given,
                    idea=recognise(got, known, slopes),
                    tolerance=ONE_PERCENT,
                )
    with report.criterion("the largest update of a hundred", 0.5):
        for decay, upward, change in (
            (0.9, False, timid),
            (1.0, True, growing),
            (uniform(0.9, 0.95), True, slow),
            (-uniform(0.5, 0.8), True, slow),
        ):
            asked, given = question(decay, upward)
            asked = change(asked)
            reply, expected = ask(**asked), numbers_of(asked)
            scale = expected[2]
            close(
                reply["numbers"][2] / scale,
                expected[2] / scale,
                what=f"largest (as a share of {show(scale)})",
                given=given,
                idea="gradients of both signs up to 1000, each held for 100 steps; of all these "
                "updates the largest in absolute value",
                tolerance=ONE_PERCENT,
            )


#: The question asks for no more.
ONE_PERCENT = 0.01


def numbers_of(asked: dict, late: int = 20) -> Tensor:
    """Slope, slope after some steps, largest update, from the formula of the rule."""
    gain, decay, offset = (asked[f"probe_{name}"] for name in ("gain", "decay", "offset"))
    totals = [gain * sum(decay**j for j in range(k)) for k in range(1, 101)]  # per unit gradient

    def limit(wanted: Tensor) -> Tensor:
        return torch.where(wanted > 0, asked["probe_high"], asked["probe_low"]).double()

    sizes = torch.logspace(-3, 3, 6001, dtype=torch.float64)
    met = sizes * torch.exp(-((sizes / asked["probe_reach"]) ** 2))
    wanted = offset - torch.outer(torch.tensor(totals, dtype=torch.float64), torch.cat([met, -met]))
    largest = (limit(wanted) * (wanted / limit(wanted)).tanh()).abs().max()
    start = torch.tensor(offset, dtype=torch.float64)
    flat = 1 - (start / limit(start)).tanh() ** 2
    return torch.stack([-flat * totals[0], -flat * totals[late - 1], largest])


check = Check(
    "quadratics",
    version="1",
    questions={
        "sample": Question(1, exam_sample, run_sample),
        "losses_and_gradients": Question(1, exam_losses_and_gradients, run_losses_and_gradients),
        "momentum": Question(1.5, exam_momentum, run_rule),
        "rmsprop": Question(1, exam_rmsprop, run_rule),
        "adam": Question(1.5, exam_adam, run_rule),
        "minimize": Question(1, exam_minimize, run_minimize),
        "capped_sums": Question(1, exam_capped_sums, run_capped_sums),
        "compare": Question(2, exam_compare, run_compare),
        "meta_step": Question(3, exam_meta_step, run_meta_step),
        "learned": Question(3, exam_learned, run_learned),
        "read_off": Question(1, exam_read_off, run_read_off),
    },
)
