"""Question 7 of exercise 01: a test that tells right slopes from wrong ones."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..examining import Suspect, must_tell, told, whole
from .steps import must_stay

NAMES = ("encoder.weight", "encoder.bias", "head.weight", "head.bias", "scale")

#: How far a wrong slope is off at least, as a share of the largest one. The statement says so.
WRONG = 0.05

#: How large a loss is at most beside its largest slope: a difference with h = 1e-5 is right to five
#: digits there, and with h = 1e-10 to one. The statement says 100,000.
BESIDE = 9e4

#: The b of a loss that bends as much as it may: (b h)^2 / 6, by which a difference is off, is
#: below a thousandth for h = 0.001, as the statement says.
BENDS = (45.0, 60.0)

IDEA = (
    "(L(r + h) - L(r - h)) / 2h, for each rate by itself, is the slope to about h^2; a tolerance "
    "lies between that and a few hundredths of the largest slope"
)
LARGE = "the digits of a large loss are used up where h is too small, or in float32"


def right(generator: torch.Generator, count: int = 3, size: float = 1.0) -> dict:
    """A loss with its slopes, and rates."""

    def numbers(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    Q = numbers(count, count)
    of_loss = torch.stack(
        [size * (1 + numbers(count).abs()), 1 + numbers(count).tanh() / 2, numbers(count)]
    )
    return {
        "of_loss": of_loss,
        "of_slopes": of_loss,
        "Q_of_loss": size * (Q + Q.mT) / 2,
        "Q_of_slopes": size * (Q + Q.mT) / 2,
        "offset": 30.0 * size,
        "places": list(range(count)),
        "rates": dict(zip(NAMES, numbers(count).tanh().unbind(), strict=False)),
        "kind": "constants",
        "autograd": "cut",
        "backwards": False,
    }


def slopes(asked: dict) -> tuple[Tensor, Tensor]:
    """The true slopes of a suspect, and those that it gives."""
    r = torch.stack(list(asked["rates"].values()))

    def of(numbers: Tensor, Q: Tensor) -> Tensor:
        a, b, c = numbers
        return a * b * (b * r + c).cos() + Q @ r

    true = of(asked["of_loss"], asked["Q_of_loss"])
    return true, of(asked["of_slopes"], asked["Q_of_slopes"])[asked["places"]]


def clearly_wrong(asked: dict) -> bool:
    """Whether a suspect is so far off that any test must see it."""
    true, given = slopes(asked)
    return bool((given - true).abs().max() > WRONG * true.abs().max())


def with_slopes(asked: dict, numbers: Callable[[Tensor], Tensor], Q: Callable) -> dict:
    """The same with other numbers in its slopes."""
    changed = {"of_slopes": numbers(asked["of_slopes"]), "Q_of_slopes": Q(asked["Q_of_slopes"])}
    return asked | changed


def one_off(asked: dict, place: int, factor: float) -> dict:
    """One of the slopes is another."""
    rows = torch.ones(len(asked["rates"]), dtype=torch.float64)
    rows[place] = factor
    return with_slopes(
        asked, lambda n: torch.stack([n[0] * rows, n[1], n[2]]), lambda Q: rows[:, None] * Q
    )


def one_is(asked: dict, number: float) -> dict:
    """One slope alone is no number: neither the first nor the last, where a maximum may drop it."""
    inner = slopes(asked)[0][1:-1]
    rows = torch.zeros(len(asked["rates"]), dtype=torch.float64)
    rows[1 + int(inner.abs().argmin())] = number
    return with_slopes(asked, lambda n: torch.stack([n[0] + rows, n[1], n[2]]), lambda Q: Q)


#: What may be wrong with slopes, in words, and how it is made of right ones.
PLAIN: dict[str, Callable[[dict], dict]] = {
    "all slopes have the wrong sign": lambda asked: with_slopes(
        asked, lambda n: torch.stack([-n[0], n[1], n[2]]), lambda Q: -Q
    ),
    "all slopes are twice too large": lambda asked: with_slopes(
        asked, lambda n: torch.stack([2 * n[0], n[1], n[2]]), lambda Q: 2 * Q
    ),
    "the slopes stand under each other's names": lambda asked: (
        asked | {"places": asked["places"][1:] + asked["places"][:1]}
    ),
    "the slopes leave out how the rates act together": lambda asked: with_slopes(
        asked, lambda n: n, lambda Q: Q.diagonal().diag()
    ),
    "all slopes are 0": lambda asked: with_slopes(
        asked, lambda n: torch.stack([0 * n[0], n[1], n[2]]), lambda Q: 0 * Q
    ),
}
HIDDEN: dict[str, Callable[[dict], dict]] = {
    "one slope of several is off by a tenth": lambda asked: one_off(asked, largest(asked), 1.1),
    "the last slope alone has the wrong sign": lambda asked: one_off(asked, -1, -1.0),
    "the first slope alone is 0": lambda asked: one_off(asked, 0, 0.0),
    "the slopes are NaN": lambda asked: with_slopes(
        asked, lambda n: torch.stack([n[0] * torch.nan, n[1], n[2]]), lambda Q: Q
    ),
    "one slope alone is NaN": lambda asked: one_is(asked, torch.nan),
    "one slope alone is inf": lambda asked: one_is(asked, torch.inf),
}


#: What any kind of loss is tried with.
SOME = {words: HIDDEN[words] for words in list(HIDDEN)[:1]}


def largest(asked: dict) -> int:
    """The place of the largest slope."""
    return int(slopes(asked)[0].abs().argmax())


def drawn(generator: torch.Generator, make: Callable, spoil: Callable | None = None) -> dict:
    """A suspect; a wrong one is clearly wrong."""
    for _ in range(100):
        asked = make(generator)
        if spoil is None:
            return asked
        wrong = spoil(asked)
        _, given = slopes(wrong)
        if given.isnan().any() or clearly_wrong(wrong):
            return wrong
    raise AssertionError("no clearly wrong slopes were drawn")


def line_up(generator: torch.Generator, mistakes: dict, makes: list[Callable]) -> list[Suspect]:
    """Right and wrong suspects in random order: of each kind, and of each mistake, one.

    The mistakes go to the first kinds.
    """
    found = [Suspect(drawn(generator, make)) for make in makes]
    for nth, (words, spoil) in enumerate(mistakes.items()):
        found.append(Suspect(drawn(generator, makes[nth % len(makes)], spoil), words))
    return [found[k] for k in torch.randperm(len(found), generator=generator).tolist()]


def of_size(size: float, count: int = 3) -> Callable:
    """Losses of a size."""
    return lambda generator: right(generator, count, size)


def at_zero(generator: torch.Generator) -> dict:
    """All rates are 0."""
    asked = right(generator)
    return asked | {"rates": dict.fromkeys(asked["rates"], torch.zeros((), dtype=torch.float64))}


def flat(generator: torch.Generator) -> dict:
    """One of the slopes is 0: the loss does not depend on that rate."""
    asked = right(generator, 4)
    keep = torch.ones(4, dtype=torch.float64)
    keep[2] = 0
    of_loss = asked["of_loss"] * torch.stack([keep, keep**0, keep**0])
    Q = keep[:, None] * asked["Q_of_loss"] * keep
    return asked | {"of_loss": of_loss, "of_slopes": of_loss, "Q_of_loss": Q, "Q_of_slopes": Q}


def downhill(generator: torch.Generator) -> dict:
    """All slopes are negative."""
    asked = right(generator)
    a, b, c = asked["of_loss"]
    r = torch.stack(list(asked["rates"].values()))
    of_loss = torch.stack([-a * (b * r + c).cos().sign(), b, c])
    none = torch.zeros_like(asked["Q_of_loss"])
    return asked | {
        "of_loss": of_loss,
        "of_slopes": of_loss,
        "Q_of_loss": none,
        "Q_of_slopes": none,
    }


def bending(generator: torch.Generator) -> dict:
    """The loss bends as much as it may."""
    asked = right(generator)
    a, _, c = asked["of_loss"]
    low, high = BENDS
    b = low + (high - low) * torch.rand(len(c), generator=generator, dtype=torch.float64)
    of_loss = torch.stack([a, b, c])
    return asked | {"of_loss": of_loss, "of_slopes": of_loss}


def beside(generator: torch.Generator) -> dict:
    """The loss is as large as it may be beside its slopes."""
    asked = right(generator, 5)
    return asked | {"offset": BESIDE * float(slopes(asked)[0].abs().max())}


def one_tensor(generator: torch.Generator) -> dict:
    """One tensor stands for all names."""
    asked = right(generator)
    first = next(iter(asked["rates"].values()))
    return asked | {"rates": dict.fromkeys(asked["rates"], first), "kind": "one"}


def that(**options) -> Callable:
    """A loss, slopes or rates that are special, see `run_slopes_are_right`."""
    return lambda generator: right(generator) | options


#: What is special about some suspects, what to look at where they are misjudged, and the kinds.
SPECIAL: list[tuple[str, str, list[Callable]]] = [
    (
        "up to 5 rates; they may be 0, or leaves, or results; a slope may be 0, or all negative",
        IDEA,
        [
            of_size(1.0),
            of_size(1.0, 5),
            that(kind="leaves"),
            at_zero,
            flat,
            that(kind="results"),
            downhill,
            of_size(1.0, 1),
        ],
    ),
    (
        "one tensor stands for all rates",
        "each name has a slope of its own: a new dict has a new tensor for the name that moves",
        [one_tensor],
    ),
    (
        "slopes_of gives its slopes in another order than the rates",
        "a slope belongs to a rate by its name",
        [that(backwards=True)],
    ),
    (
        "loss_of and slopes_of use autograd themselves, as loss_after does",
        "gradients must be recorded while they are called",
        [that(autograd="inside")],
    ),
    (
        "the rates are leaves, and the loss has a graph that is cut in part",
        "take values alone: what autograd makes of such a graph is no slope of this loss",
        [that(autograd="cut in part", kind="leaves")],
    ),
    ("a loss that bends as much as it may", "h is too large; " + IDEA, [bending]),
    ("a loss 90,000 times as large as its largest slope", LARGE, [beside, beside]),
]


def exam_slopes_are_right(generator, ask, report):
    """Plain cases; cases that need care."""

    def judge(mistakes: dict, makes: list[Callable], given: str, idea: str = IDEA) -> None:
        suspects = line_up(generator, mistakes, makes)
        asked = {"probe_suspects": [each.asked for each in suspects], "words": given}
        reply = told(ask, asked, given)
        must_tell(reply["said"], suspects, given, idea)
        if mistakes is not PLAIN:
            must_stay(reply["changed"], given, "move tensors of your own; those given stay")

    with report.criterion("right slopes pass, and wrong ones are found", 1):
        count = whole(2, 5, generator)
        judge(PLAIN, [of_size(1.0), of_size(1.0, count)], f"3 or {count} rates, losses around 30")
    with report.criterion("also where only one is wrong, and whatever the sizes", 1):
        for given, idea, makes in SPECIAL:
            judge(HIDDEN if len(makes) > 2 else SOME, makes, given, idea)
        for size in (1e-6, 1e6):
            given = f"slopes around {size:g}, losses thirty times as large"
            judge(PLAIN | SOME, [of_size(size)], given)
