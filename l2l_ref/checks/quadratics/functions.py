"""The questions of exercise 04 on the functions: how they are drawn, their losses and gradients."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ...tasks import Quadratics
from ...unroll import loss_and_gradient
from ..examining import (
    FOR_ALL,
    SIGMAS,
    TOLERANCE,
    Lost,
    close,
    error,
    must_be_kept,
    recognise,
    seed_from,
    show,
    told,
)
from ..lstm_questions import drawn

# 1. sample


def exam_sample(generator, ask, report):
    """The distribution; what it depends on."""

    def question(functions: int, calls: int = 1, **more) -> dict:
        seed = seed_from(generator)
        return {"functions": functions, "probe_seed": seed, "calls": calls} | more

    with report.criterion("every entry is normal and independent of the others", 0.5):
        # Many, because of a dozen uniform numbers, which together are nearly normal, and because
        # of normal numbers that are cut off at 4.
        for functions, size in ((3200, 10), (401, 4), (600, 1), (20, 50), (1, 60)):
            more = {} if size == 10 else {"size": size}
            reply = ask(**question(functions, **more))
            given = f"{functions} functions of {size} coordinates"
            W, y = reply["W first"][0].double(), reply["y first"][0].double()
            related = _relations(W, y) if functions > 400 and size > 1 else ()
            for what, sigmas, expected, idea in (*related, *statistics(W, y)):
                if not abs(sigmas) < SIGMAS:
                    raise Lost(what, expected, given, idea)
            _judge_repeats(reply, given)
            if size > 1:
                _judge_supply(reply, given, "other rows in each function")
        _judge_precision(ask(**question(20, probe_default="float64")))
    with report.criterion(
        "the functions depend on the generator's state, and on nothing else", 0.5
    ):
        for functions, calls, more in ((5, 2, {}), (2, 64, {"size": 3}), (2, 2000, {"size": 2})):
            reply = ask(**question(functions, calls, **more))
            given = f"{functions} functions, {calls} times in a row from a generator"
            _judge_source(reply, given)
            _judge_supply(reply, given, "other functions at each call")
            _judge_manners(reply, given)


def _judge_repeats(reply: dict, given: str) -> None:
    """A call is made of ever other numbers.

    Raises:
        Lost: it is not.
    """
    numbers = torch.cat([reply["W first"].flatten(), reply["y first"].flatten()]).abs()
    share = len(numbers.unique()) / len(numbers)
    if share < 0.97:  # chance repeats one in a hundred of them at most
        raise Lost(
            f"of the numbers only {100 * share:.0f} % are different ones, but for their sign",
            "each number drawn for itself",
            given,
            "no entry is used twice, in W or in y, and nothing is rounded",
        )


def _judge_precision(reply: dict) -> None:
    """Numbers of the default dtype.

    Raises:
        Lost: they have fewer digits.
    """
    for name in "Wy":
        found = reply[f"{name} first"]
        if torch.equal(found, found.float().double()):
            raise Lost(
                f"{name} with the digits of float32, or fewer",
                "with those of torch's default dtype",
                "20 functions; the default dtype is float64",
                "without dtype=..., torch.randn and the like give the default dtype",
            )


def _judge_source(reply: dict, given: str) -> None:
    """Other functions at each call, the same ones again from a generator in the same state.

    Raises:
        Lost: it is otherwise.
    """
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
        if error(first[: len(again)], again) > TOLERANCE:
            raise Lost(
                f"{name} begins {show(first[0, 0])} at first, then {show(again[0, 0])}",
                "the same functions",
                "generators in the same state, twice; the caller has written over what the "
                "first one gave, and the second time hash(), time() and the process's number are "
                "as in another process",
                "every draw needs the generator that is given, for W and for y; without it the "
                "numbers come from torch's global generator. And draw anew at each call: what was "
                "handed out once is not yours any more",
            )


def _judge_supply(reply: dict, given: str, expected: str) -> None:
    """No row of W and no y comes twice, but for its signs: in the only call, or in two of many.

    One function may: of two thousand seeds below 2^31, which are as good as the generator itself,
    two are the same once in a thousand cases.

    Raises:
        Lost: some do.
    """
    rows = torch.cat([reply["W first"], reply["y first"][:, :, None]], dim=2).abs().double()
    size = rows.shape[-1]
    # one number for each row, which is faster to sort
    by_call = (rows @ torch.arange(1, size + 1).double().sqrt()).flatten(1).sort(1).values
    count = by_call.numel()
    if len(by_call) > 1:  # a call by itself is for the other criterion
        count = int((by_call.diff(dim=1) != 0).sum()) + len(by_call)
    different = len(by_call.unique())
    if different < count - (size + 1):
        raise Lost(
            f"of {count} rows of W and y only {different} have not come before",
            expected,
            given,
            "the numbers come from the generator itself, not from a few seeds or a supply",
        )


def _judge_manners(reply: dict, given: str) -> None:
    """Nothing besides the generator was moved, and constants came back.

    Raises:
        Lost: it is otherwise.
    """
    if reply["moved"]:
        raise Lost(
            f"a global generator has moved, or was seeded: {', '.join(reply['moved'])}",
            "they are as they were",
            given,
            "draw from the generator that is given, and never call torch.manual_seed here",
        )
    must_be_kept(reply["changed"], given, FOR_ALL)
    if reply["no_constants"]:
        raise Lost(
            "; ".join(reply["no_constants"]),
            "constants, on which a graph can be built later",
            given,
            "torch.randn gives a constant as it comes",
        )


def statistics(W: Tensor, y: Tensor) -> Iterator[tuple[str, float, str, str]]:
    """How many standard deviations each moment is off, with what to say about it.

    What looks at a moment beside those below it has the smaller spread: x^4 - 6 x^2 + 3 has a
    variance of 24, x^4 one of 96.
    """
    normal = "torch.randn draws from the standard normal distribution, torch.rand does not"
    named = {"W": W.flatten(), "y": y.flatten()}
    for name, x in (named | {"W and y": torch.cat(list(named.values()))}).items():
        n, square, fourth = len(x), x.square().mean(), x.pow(4).mean()
        if n < 500:  # too few for what follows to be normal
            continue
        yield f"{name} with the mean {show(x.mean())}", x.mean() * n**0.5, "mean 0", normal
        off = (square - 1) * (n / 2) ** 0.5
        yield f"{name} with the mean square {show(square)}", off, "mean square 1", normal
        if n < 20_000:
            continue
        off = (x.pow(3) - 3 * x).mean() * (n / 6) ** 0.5
        say = f"{name} whose third powers have the mean {show(x.pow(3).mean())}"
        yield say, off, "0, as for a normal distribution", normal
        off = (fourth - 6 * square + 3) * (n / 24) ** 0.5
        say = f"{name} whose fourth powers have the mean {show(fourth)}"
        yield say, off, "3, as for a normal distribution", normal
        # 21 are expected beyond this; that there are none happens once in a billion times
        edge = math.sqrt(2) * float(torch.tensor(1 - 21 / n).double().erfinv())
        if x.abs().max() < edge:
            say = f"{name} whose largest number among {n:,} is {show(x.abs().max())}"
            yield say, math.inf, f"some beyond {edge:.1f}", normal


def _relations(W: Tensor, y: Tensor) -> Iterator[tuple[str, float, str, str]]:
    """Whether entries know of each other, whatever their mean and mean square."""
    W, y = ((x - x.mean()) / x.std().clamp(min=1e-9) for x in (W, y))
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

SHAPES = (
    (3, 4, 4),
    (4, 4, 4),
    (1, 3, 3),
    (2, 5, 3),
    (3, 2, 4),
    (1, 1, 1),
    (3, 1, 2),
    (3, 4, 1),
)


def exam_losses_and_gradients(generator, ask, report):
    """Values; gradients; constants."""
    with report.criterion("the losses, one for each function", 0.5):
        right = [_judge_losses(ask, _asked(*shape, generator)) for shape in SHAPES]
        # Gradients that are wrong anyway are for the next criterion.
        names = ("losses", "gradients") if all(right) else ("losses",)
        for asked, given, idea, digits in _special(generator):
            _judge_all(ask, asked, given, idea, digits, names)
    with report.criterion("the gradients; all are constants, and what was given stays", 0.5):
        for shape in SHAPES:
            _judge_gradients(ask, _asked(*shape, generator))
        asked = _asked(3, 4, 4, generator)
        asked["W"][:, 1], asked["y"][:, 1] = 0.0, 0.0
        _judge_gradients(ask, asked, ", one of them exactly at its minimum 0")
        for way, words in (
            ("trainable", ", all of which require a gradient and have something in .grad"),
            ("result", ", theta computed from something that requires a gradient"),
            ("no_grad", ", inside torch.no_grad()"),
        ):
            _judge_gradients(ask, _asked(3, 4, 4, generator) | {"probe_way": way}, words)


def _asked(functions: int, m: int, n: int, generator: torch.Generator) -> dict:
    """Two calls."""
    shapes = {"W": (functions, m, n), "y": (functions, m), "theta": (functions, n)}
    return {name: drawn((2, *shape), generator) for name, shape in shapes.items()}


def _given(asked: dict) -> str:
    _, functions, m, n = asked["W"].shape
    return f"{functions} function{'s' if functions > 1 else ''}, each W {m} x {n}"


def expected_of(asked: dict) -> tuple[Tensor, Tensor]:
    """Losses and gradients, the calls first, in float64."""
    calls = zip(*(asked[name].double() for name in ("W", "y", "theta")), strict=True)
    both = [loss_and_gradient(Quadratics(W, y), theta, 0) for W, y, theta in calls]
    losses, gradients = zip(*both, strict=True)
    return torch.stack(losses), torch.stack(gradients)


def _judge_losses(ask: Callable, asked: dict) -> bool:
    """Of the first call.

    Returns:
        Whether the gradients are right.

    Raises:
        Lost: the losses are wrong.
    """
    reply, (losses, gradients) = ask(**asked), expected_of(asked)
    losses = losses[0]
    wrong = {
        "this is the norm; the loss is its square": losses.sqrt(),
        "this is the mean of the squares; the loss is their sum": losses / asked["W"].shape[2],
        "these losses are divided by 2": losses / 2,
    }
    got = {"losses": reply["losses"][0]}
    known = {say: {"losses": each} for say, each in wrong.items()}
    idea = "the sum of the squares of W theta - y, for each function by itself"
    idea = recognise(got, known, idea)
    close(got["losses"], losses, what="the losses", given=_given(asked), idea=idea)
    return error(reply["gradients"][0], gradients[0]) < TOLERANCE


def _special(generator: torch.Generator) -> Iterator[tuple[dict, str, str, float]]:
    """Where the way of computing matters: what is asked, the case, what to say, how exact it is."""
    asked = _asked(3, 4, 5, generator) | {"probe_way": "turned"}
    idea = "view() asks for memory row by row; reshape() and indexing do not"
    yield asked, ", which lie in memory as transposed views do", idea, TOLERANCE
    asked = {name: tensor.double() for name, tensor in _asked(3, 5, 4, generator).items()}
    yield asked, ", float64, to nine digits", FLOAT32, 1e-9
    near = {name: tensor.double() for name, tensor in _asked(3, 5, 4, generator).items()}
    off = 1e-5 * drawn(near["y"].shape, generator).double()
    near["y"] = (near["W"] @ near["theta"][..., None])[..., 0] + off
    idea = (
        "W theta - y first, then its square: when the square is multiplied out, large terms cancel "
        "and leave their rounding"
    )
    yield near, ", float64, to seven digits of each loss, theta near a minimum 0", idea, 1e-7
    asked = _asked(3, 4, 4, generator)
    asked["theta"][:, 1] = math.inf
    idea = "a function that has diverged must not reach the others; 0 times infinity is NaN"
    yield (
        asked,
        ", of which the second has an infinite theta",
        idea,
        TOLERANCE,
    )


#: What to say of a number that is right to a few digits only.
FLOAT32 = (
    "something on the way is float32, such as float(), or a tensor that was made without the dtype "
    "of what is given"
)


def _judge_all(
    ask: Callable, asked: dict, words: str, idea: str, digits: float, names: tuple
) -> None:
    """Losses and gradients of each function at the first call; one has diverged for all to see.

    Raises:
        Lost: they are wrong.
    """
    given = _given(asked) + words
    reply, expected = told(ask, asked, given), expected_of(asked)
    for name, right in zip(names, expected, strict=False):
        for k in range(right.shape[1]):
            if right[0, k].isfinite().all():
                close(
                    reply[name][0, k],
                    right[0, k],
                    what=f"the {name} of function {k}",
                    given=given,
                    idea=idea,
                    tolerance=digits,
                )
            elif reply[name][0, k].isfinite().any():
                raise Lost(
                    f"the {name} of function {k}: {show(reply[name][0, k])}",
                    "infinity or NaN",
                    given,
                    "a run that diverges must be seen to; nan_to_num() and clamp() hide it",
                )


def _judge_gradients(ask: Callable, asked: dict, words: str = "") -> None:
    """Of both calls, and what came with them.

    Raises:
        Lost: they are wrong, no constants, or something was changed.
    """
    given = _given(asked) + words
    reply, (_, gradients) = told(ask, asked, given), expected_of(asked)
    functions = asked["W"].shape[1]
    wrong = {
        "a factor 2 is missing": gradients[0] / 2,
        "the sign is wrong: the gradient leads uphill": -gradients[0],
    }
    if functions > 1:
        wrong[
            "this is the gradient of the mean over the functions; the mean divides every "
            "function's gradient by their number"
        ] = gradients[0] / functions
    got = {"gradients": reply["gradients"][0]}
    known = {say: {"gradients": each} for say, each in wrong.items()}
    idea = (
        "each function has its own gradient, that of its loss in its row of theta: differences of "
        "the losses at neighbouring rows show what it is"
    )
    idea = recognise(got, known, idea)
    close(got["gradients"], gradients[0], what="the gradients", given=given, idea=idea)
    close(
        reply["gradients"][1],
        gradients[1],
        what="the gradients at the second call",
        given=f"{given}; then the same three tensors with other numbers in them",
        idea="keep nothing from one call to the next",
    )
    if reply["no_constants"]:
        raise Lost(
            "; ".join(reply["no_constants"]),
            "constants, on which a graph can be built later",
            given,
            "what was computed from something that requires a gradient has a graph, unless none is "
            "recorded meanwhile",
        )
    idea = (
        "theta.requires_grad_(), backward(), -= and the like change what the caller has; detach() "
        "and the usual operators make new tensors"
    )
    must_be_kept(reply["changed"], given, idea)
