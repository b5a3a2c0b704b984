"""The tests in questions 5 and 6 of exercise 06: the order of slopes, and the flaw of a step."""

import torch
from torch import Tensor

from ..examining import FOR_ALL, Lost, must_be_kept, shuffled, told, whole
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
    "of each order: what moves when theta does, what is held still, and at which place is each "
    "gradient taken?"
)


#: By how much the slopes below are off where they are neither, as a share of the largest.
OFF = 0.06

#: What 1 - rate * (second derivative) is about, where the orders are of other sizes.
SMALL, LARGE = 0.1, 4.0


def drawn(
    generator: torch.Generator,
    n: int,
    rate: float,
    shares: tuple,
    full: float | None = None,
    level: bool = False,
) -> dict:
    """A suspect whose orders are well apart.

    Args:
        full: how large second order is beside first order, about; or left to chance.
        level: whether all slopes of an order are about equal, so that their norm is large beside
            each of them. Needs ``full``.
    """

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
            "probe_off": torch.zeros(n, dtype=torch.float64),
        }
        if full is not None:
            asked["probe_train"] *= 0.2 * min(1.0, full)
            asked["probe_train"] *= 0.03 if level else 1.0
            asked["probe_train"][:-1] += (1 - full) / rate * torch.eye(n, dtype=torch.float64)
        if level:
            asked["theta"] = 1 + 0.01 * asked["theta"]
            asked["probe_test"] *= 0.01
            asked["probe_test"][-1] += 1
        if _apart(asked):
            return asked


def with_a_zero(asked: dict) -> dict:
    """The same where the last weight has nothing to do with the others, or with the test."""
    train, test = asked["probe_train"].clone(), asked["probe_test"].clone()
    own = train[-2, -1].clone()
    train[:-1, -1] = train[-2] = test[:, -1] = test[-2] = 0.0
    train[-2, -1] = own
    return asked | {"probe_train": train, "probe_test": test}


def off(asked: dict, shares: dict[int, float]) -> dict:
    """The same with some wrong slopes, by these shares of the largest of the full derivative."""
    largest, by = _slopes(asked, (1, 1, 1)).abs().max(), torch.zeros_like(asked["probe_off"])
    for entry, share in shares.items():
        by[entry] = share * largest
    return asked | {"probe_off": by}


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


def nearly_right(generator: torch.Generator) -> list[tuple[list, str]]:
    """Suspects with what they are, of which some have a wrong slope or two; and words for them."""

    def some(n: int, wrong: list[dict], *how) -> list[tuple[dict, str]]:
        found = []
        for shares, order, _ in KINDS[:2]:
            suspect = drawn(generator, n, 0.3, shares, *how)
            found.append((suspect, order))
            found += [(off(suspect, shares), NEITHER) for shares in wrong]
        return found

    each = f"one slope is off by {OFF:.0%} of the largest, or none is; {{}} weights"
    two = f"two slopes are off by {OFF:.0%} of the largest, each its own way, or none is; 3 "
    two += "weights; the full derivative is about {:g} times as large as that of first order"
    singly, pairs = [{k: OFF} for k in range(4)], [{0: OFF, 1: -OFF}, {1: OFF, 2: -OFF}]
    return [
        (some(4, singly), each.format(4)),
        (
            some(16, [{whole(0, 15, generator): -OFF}], 0.5, True),
            f"{each.format(16)}, whose slopes are about equal",
        ),
        (some(3, pairs, SMALL), two.format(SMALL)),
        (some(3, pairs, LARGE), two.format(LARGE)),
    ]


def judge_nearly_right(generator: torch.Generator, ask) -> None:
    """Slopes of which one or two alone are wrong, and such as are right.

    Raises:
        Lost: they are taken for each other.
    """
    for suspects, given in nearly_right(generator):
        reply = told(ask, {"probe_suspects": [asked for asked, _ in suspects]}, given)
        for said, (_, expected) in zip(reply["said"], suspects, strict=True):
            if said != expected:
                raise Lost(quoted(said), repr(expected), given, EACH)


def quoted(said: str) -> str:
    """An order or a flaw as it is written; an error that was raised instead as it is."""
    return repr(said) if said in (*ORDERS, *PLAIN) else said


def judge_a_zero(generator: torch.Generator, ask) -> None:
    """Right slopes, one of which is 0.

    Raises:
        Lost: they are not recognised.
    """
    right = [order for _, order, _ in KINDS[:2]]
    suspects = [with_a_zero(drawn(generator, 4, 0.3, shares)) for shares, _, _ in KINDS[:2]]
    given = "4 weights, the last of which test does not depend on: its slope is 0"
    reply = told(ask, {"probe_suspects": suspects}, given)
    if reply["said"] != right:
        raise Lost(repr(reply["said"]), repr(right), given, EACH)


EACH = "each slope has to be right, up to a share of the largest slope of the full derivative"


def exam_order_of(generator, ask, report):
    """The two orders; what is neither."""

    def judge(kinds: list[tuple], n: int, rate: float) -> dict:
        kinds = shuffled(kinds, generator)
        suspects = [drawn(generator, n, rate, shares) for shares, _, _ in kinds]
        given = f"{n} weights, the rate {rate:g}"
        reply = told(ask, {"probe_suspects": suspects}, given)
        for said, (_, right, words) in zip(reply["said"], kinds, strict=True):
            if said != right:
                raise Lost(f"{quoted(said)} for {words}", repr(right), given, IDEA)
        return reply

    with report.criterion("order of: first and second order are told apart", 0.75):
        for rate in (0.3, 0.1, -0.2):
            reply = judge([*KINDS[:2]] * 2, whole(2, 5, generator), rate)
            must_be_kept(reply["changed"], "theta", "move tensors of your own")
        judge_a_zero(generator, ask)
    with report.criterion("order of: what is neither is found", 0.75):
        for rate in (0.3, 0.5):
            judge([*KINDS], whole(2, 5, generator), rate)
        judge_nearly_right(generator, ask)


# 6. diagnose

SOUND = {
    "lengths": (1.0, 1.0),
    "reaching": (1.0, 1.0),
    "known": (1.0, 1.0),
    "own_mean": 1.0,
    "carried": 1.0,
    "written": 0.0,
    "through_data": False,
    "itself": False,
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
    ("written back", {"written": 1.0, "through_data": True}),
    ("written back", {"written": 1.0, "itself": True}),
    ("not carried", {"carried": 0.0, "rounding": -1e-11}),
    ("not carried", {"itself": True}),
)

#: What to look at again, by the flaw that is there.
LOOK = {
    "none": "a sound step is right to nine digits and no more, and its dict may be in any order",
    "first order": "the derivative of each new weight in the old weight of the same name",
    "no graph": "whether each of both new weights has a graph, before you differentiate it",
    "stepped twice": "how far each weight moves, beside the step of your own on the same batch",
    "running mean": "a batch whose own mean is far from the running one, and where it leads",
    "written back": "the numbers of the mean that was given, before and after the call, whatever "
    "comes back",
    "not carried": "the numbers of the mean that comes back, beside those that the batch gives",
}


def unusual_in(numbers: dict) -> str:
    """What is unusual about a step, in words."""
    step = SOUND | numbers
    facts = {
        "its results are off in the eleventh digit": step["rounding"],
        "its weights come in another order": step["names"] != SOUND["names"],
        "one of its weights alone has the flaw": len(set(step["known"])) > 1,
        "a tenth of the batch's own mean is subtracted, and nine tenths of the running one": (
            step["own_mean"] == 0.1
        ),
        "it writes through .data": step["through_data"],
        "mean itself comes back": step["itself"],
    }
    return ", ".join(words for words, holds in facts.items() if holds)


def exam_diagnose(generator, ask, report):
    """Flaws that are plain; those that touch one weight only, and steps that look unusual."""

    missed: set[str] = set()

    def judge(cases: list[tuple[str, dict]], given: str) -> None:
        cases = shuffled(cases, generator)
        suspects = [SOUND | numbers for _, numbers in cases]
        reply = told(ask, {"probe_suspects": suspects}, given)
        both = zip(reply["said"], cases, strict=True)
        wrong = [(said, *case) for said, case in both if said != case[0]]
        missed.update(flaw for _, flaw, _ in wrong)
        wrong.sort(key=lambda found: found[1] != "none")  # a sound one says most
        for said, flaw, numbers in wrong:
            words = unusual_in(numbers)
            about = f"{given}; here {words}" if words else given
            raise Lost(quoted(said), repr(flaw), about, LOOK[flaw])
        must_be_kept(reply["changed"], given, FOR_ALL)

    with report.criterion("diagnose: a flaw that is plain is named, and none where none is", 0.75):
        judge(2 * [*PLAIN.items()], "steps of both weights, each with one flaw or none")
    with report.criterion("diagnose: also a flaw of one weight, and steps that look unusual", 0.75):
        unusual = "steps with one flaw or none, which may look unusual"
        # One flaw that is missed where it is plain has been paid for.
        paid = missed if len(missed) == 1 else set()
        judge([(flaw, numbers) for flaw, numbers in HIDDEN if flaw not in paid], unusual)
