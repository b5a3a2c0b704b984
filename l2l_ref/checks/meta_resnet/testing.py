"""The tests in questions 5 and 6 of exercise 06: the order of slopes, and the flaw of a step."""

import torch
from torch import Tensor

from ..examining import Lost, must_be_kept, told, whole
from .suspects import ORDERS

SECOND, FIRST, NEITHER = ORDERS

#: How much of the step, how much of the Hessian, and a factor; the order; and what that is.
KINDS: tuple[tuple[tuple[float, float, float], str, str], ...] = (
    ((1, 1, 1), SECOND, "the full derivative"),
    ((1, 0, 1), FIRST, "the gradient of the loss after the step"),
    ((0, 0, 1), NEITHER, "the gradient of the loss before the step"),
    ((0, 1, 1), NEITHER, "second order, with the last gradient taken before the step"),
    ((1, -1, 1), NEITHER, "second order, with the wrong sign of the Hessian"),
    ((1, 0.5, 1), NEITHER, "second order, with half of the Hessian"),
    ((1, 1, -1), NEITHER, "second order, with the wrong sign"),
    ((1, 0, 2), NEITHER, "first order, twice too large"),
    ((1, 1, 0), NEITHER, "zeros"),
)

#: How far apart the orders are at least, as a share of the largest slope; the statement says so.
APART = 0.05

IDEA = (
    "differences of test(theta - rate * gradient of train at theta) give the full derivative; "
    "differences of test at that place, the step held fixed, give the first-order one; take the "
    "gradient of train by differences as well"
)


def drawn(generator: torch.Generator, n: int, rate: float, shares: tuple) -> dict:
    """A suspect whose orders are well apart."""

    def numbers() -> Tensor:
        A = torch.randn(n, n, generator=generator, dtype=torch.float64)
        a = torch.randn(1, n, generator=generator, dtype=torch.float64)
        return torch.cat([(A + A.mT) / 2, a])

    while True:
        asked = {
            "probe_train": numbers(),
            "probe_test": numbers(),
            "theta": torch.randn(n, generator=generator, dtype=torch.float64),
            "rate": rate,
            "shares": torch.tensor(shares, dtype=torch.float64),
            "probe_factors": torch.ones(n, dtype=torch.float64),
        }
        if _apart(asked):
            return asked


def _apart(asked: dict) -> bool:
    """Whether all kinds of slopes are well apart from the two right ones."""
    found = {kind: _slopes(asked, kind) for kind, _, _ in KINDS}
    largest = found[1, 1, 1].abs().max()
    return all(
        (found[one] - found[other]).abs().max() > APART * largest
        for one in ((1, 1, 1), (1, 0, 1))
        for other in found
        if other != one
    )


def _slopes(asked: dict, shares: tuple) -> Tensor:
    """What a suspect of a kind gives, by autograd."""
    train, test = asked["probe_train"], asked["probe_test"]
    step, hessian, factor = shares

    def loss(numbers: Tensor, theta: Tensor) -> Tensor:
        return theta @ numbers[:-1] @ theta / 2 + numbers[-1] @ theta.sin()

    theta = asked["theta"].clone().requires_grad_()
    (slope,) = torch.autograd.grad(loss(train, theta), theta, create_graph=True)
    after = (theta - step * asked["rate"] * slope).detach().requires_grad_()
    (last,) = torch.autograd.grad(loss(test, after), after)
    (product,) = torch.autograd.grad(slope @ last, theta)
    return factor * (last - hessian * asked["rate"] * product)


def judge_one_off(generator: torch.Generator, ask) -> None:
    """Slopes of which the largest alone is wrong, and as many that are right.

    Raises:
        Lost: they are taken for each other.
    """
    suspects = [drawn(generator, 4, 0.3, shares) for shares, _, _ in KINDS[:2] * 4]
    for asked in suspects[2:]:
        shares = tuple(asked["shares"].tolist())
        asked["probe_factors"][_slopes(asked, shares).abs().argmax()] = 0.7
    reply = told(ask, {"probe_suspects": suspects}, GIVEN_ONE_OFF)
    for said, (_, right, _), place in zip(reply["said"], KINDS[:2] * 4, range(8), strict=True):
        expected = right if place < 2 else NEITHER
        if said != expected:
            raise Lost(repr(said), repr(expected), GIVEN_ONE_OFF, "each slope has to be right")


GIVEN_ONE_OFF = "4 weights; the largest slope alone is off by a third, or none is"


def exam_order_of(generator, ask, report):
    """The two orders; what is neither."""

    def judge(kinds: list[tuple], n: int, rate: float) -> dict:
        order = torch.randperm(len(kinds), generator=generator).tolist()
        kinds = [kinds[k] for k in order]
        suspects = [drawn(generator, n, rate, shares) for shares, _, _ in kinds]
        given = f"{n} weights, the rate {rate:g}"
        reply = told(ask, {"probe_suspects": suspects}, given)
        for said, (_, right, words) in zip(reply["said"], kinds, strict=True):
            if said != right:
                raise Lost(f"{said!r} for {words}", repr(right), given, IDEA)
        return reply

    with report.criterion("order of: first and second order are told apart", 0.75):
        for rate in (0.3, 0.1, -0.2):
            reply = judge([*KINDS[:2]] * 3, whole(2, 5, generator), rate)
            must_be_kept(reply["changed"], "theta", "move tensors of your own")
    with report.criterion("order of: what is neither is found", 0.75):
        for rate in (0.3, 0.5):
            judge([*KINDS], whole(2, 5, generator), rate)
        judge_one_off(generator, ask)


# 6. diagnose

SOUND = {
    "lengths": (1.0, 1.0),
    "reaching": (1.0, 1.0),
    "known": (1.0, 1.0),
    "own_mean": 1.0,
    "carried": 1.0,
    "written": 0.0,
    "rounding": 0.0,
    "names": ("shared", "own"),
}

#: By its name, what is different in a step with a flaw that is plain to see.
PLAIN: dict[str, dict] = {
    "none": {},
    "first order": {"known": (0.0, 0.0)},
    "no graph": {"known": (0.0, 0.0), "reaching": (0.0, 0.0)},
    "stepped twice": {"lengths": (2.0, 1.0)},
    "running mean": {"own_mean": 0.0},
    "written back": {"written": 1.0},
    "not carried": {"carried": 0.0},
}

#: Steps in which it is less plain, and sound ones that look unusual.
HIDDEN: tuple[tuple[str, dict], ...] = (
    ("none", {"rounding": 1e-11}),
    ("none", {"rounding": -1e-11, "names": ("own", "shared")}),
    ("first order", {"known": (1.0, 0.0)}),
    ("first order", {"known": (0.0, 1.0)}),
    ("no graph", {"known": (1.0, 0.0), "reaching": (1.0, 0.0)}),
    ("no graph", {"known": (0.0, 1.0), "reaching": (0.0, 1.0)}),
    ("stepped twice", {"lengths": (2.0, 1.0), "names": ("own", "shared"), "rounding": 1e-11}),
    ("running mean", {"own_mean": 0.1}),
    ("written back", {"written": 1.0, "rounding": 1e-11}),
    ("not carried", {"carried": 0.0, "rounding": -1e-11}),
)

#: What to look at again, by the flaw that is there.
LOOK = {
    "none": "a sound step is right to nine digits and no more, and its dict may be in any order",
    "first order": "the derivative of each new weight in the first one, for both weights",
    "no graph": "whether each of both new weights has a graph",
    "stepped twice": "how far each weight moves, beside the step of your own on the same batch",
    "running mean": "a batch whose own mean is far from the running one, and where it leads",
    "written back": "the tensor that was given, before and after the call",
    "not carried": "the running mean that comes back, beside the one that the batch gives",
}


def exam_diagnose(generator, ask, report):
    """Flaws that are plain; those that touch one weight only, and steps that look unusual."""

    def judge(cases: list[tuple[str, dict]], given: str) -> None:
        order = torch.randperm(len(cases), generator=generator).tolist()
        cases = [cases[k] for k in order]
        suspects = [SOUND | numbers for _, numbers in cases]
        reply = told(ask, {"probe_suspects": suspects}, given)
        for said, (flaw, _) in zip(reply["said"], cases, strict=True):
            if said not in PLAIN:
                raise Lost(repr(said), "a name from the list in the statement, or 'none'", given)
            if said != flaw:
                raise Lost(repr(said), repr(flaw), given, LOOK[flaw])

    with report.criterion("diagnose: a flaw that is plain is named, and none where none is", 0.75):
        judge(2 * [*PLAIN.items()], "steps of both weights, each with one flaw or none")
    with report.criterion("diagnose: also a flaw of one weight, and steps that look unusual", 0.75):
        unusual = "a flaw may touch one weight; results are right to ten digits, in any order"
        judge([*HIDDEN, ("none", {})], unusual)
