"""Question 7 of exercise 01: a test that tells right slopes from wrong ones."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..examining import Suspect, must_tell, shuffled, told, whole
from .steps import must_stay

NAMES = ["encoder.weight", "encoder.bias", "head.weight", "head.bias", "scale"]
NAMES += [f"layers.{k}" for k in range(60)]

#: How far a wrong slope is off at least, as a share of the largest one. The statement says so.
WRONG = 0.06

#: How large a loss is at most beside its largest slope: a difference with h = 1e-5 is right to five
#: digits there, and with h = 1e-10 to one. The statement says 100,000.
BESIDE = 9e4

#: The b of a loss that bends as much as it may: (b h)^2 / 6, by which a difference is off, is
#: below a thousandth for h = 0.001, as the statement says.
BENDS = (45.0, 60.0)

#: How strongly a loss bends across a valley, and how far from its bottom the rates are. Differences
#: to both sides are right there for every h; those to one side are off by h * STEEP / 2, where the
#: slope is about FROM_BOTTOM * STEEP.
STEEP, FROM_BOTTOM = 1e9, 1e-9

IDEA = (
    "(L(r + h) - L(r - h)) / 2h, for each rate by itself, is the slope to about h^2; a tolerance "
    "lies between that and a few hundredths of the largest slope, and holds for each error by "
    "itself"
)
DOZENS = "each slope is compared by itself: a mean or a norm of many hides one error"
EACH = "each slope is compared by itself: errors cancel in sums, whatever the signs"
BY_THE_LARGEST = (
    "measure each error by the largest slope: by its own size a slope that is 0 is always off, and "
    "an absolute tolerance, such as atol of torch.isclose, is too large here or too small there"
)
NAN = "what does a comparison with NaN give, and to which verdict does that lead?"
LARGE = (
    "the digits of a large loss are used up where h is too small, also for a rate near 0, or "
    "in float32"
)


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
        "valley_of_loss": torch.zeros(count, dtype=torch.float64),
        "valley_of_slopes": torch.zeros(count, dtype=torch.float64),
        "offset": 30.0 * size,
        "places": list(range(count)),
        "rates": dict(zip(NAMES, (1.9 * numbers(count).tanh()).unbind(), strict=False)),
        "kind": "constants",
        "autograd": "cut",
        "backwards": False,
    }


def slopes(asked: dict) -> tuple[Tensor, Tensor]:
    """The true slopes of a suspect, and those that it gives."""
    r = torch.stack(list(asked["rates"].values()))

    def of(what: str) -> Tensor:
        (a, b, c), Q = asked[f"of_{what}"], asked[f"Q_of_{what}"]
        return a * b * (b * r + c).cos() + Q @ r + asked[f"valley_of_{what}"] * (r[0] - r[-1])

    return of("loss"), of("slopes")[asked["places"]]


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
    asked = asked | {"valley_of_slopes": rows * asked["valley_of_slopes"]}
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
    "one slope of several is 7 % too large": lambda asked: one_off(asked, largest(asked), 1.07),
    "the last slope alone has the wrong sign": lambda asked: one_off(asked, -1, -1.0),
    "the first slope alone is 0": lambda asked: one_off(asked, 0, 0.0),
    "the slopes are NaN": lambda asked: with_slopes(
        asked, lambda n: torch.stack([n[0] * torch.nan, n[1], n[2]]), lambda Q: Q
    ),
    "one slope alone is NaN": lambda asked: one_is(asked, torch.nan),
    "one slope alone is inf": lambda asked: one_is(asked, torch.inf),
}


def two_off(one: int, other: int, sign: float) -> Callable[[dict], dict]:
    """Two of slopes of one size are half of that off, to the same side or not: sums may hide it."""

    def spoil(asked: dict) -> dict:
        true, _ = slopes(asked)
        factor = 1 + sign / 2 * float(true[one] / true[other])
        return one_off(one_off(asked, one, 1.5), other, factor)

    return spoil


#: Each pair of five, both ways: whoever compares along a few directions passes over some of them.
PAIRS = {
    f"slopes {one + 1} and {other + 1} are off, to {sides}": two_off(one, other, sign)
    for one in range(5)
    for other in range(one)
    for sides, sign in (("one side", 1.0), ("opposite sides", -1.0))
}

ONE_IS_0 = {words: HIDDEN[words] for words in ["the first slope alone is 0"]}

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
    found = [that_is_right(drawn(generator, make)) for make in makes]
    for nth, (words, spoil) in enumerate(mistakes.items()):
        asked = drawn(generator, makes[nth % len(makes)], spoil)
        found.append(Suspect(asked, words, idea=NAN if "NaN" in words else ""))
    return shuffled(found, generator)


def that_is_right(asked: dict) -> Suspect:
    """A suspect with right slopes, and what is special about it, in words."""
    true, rates = slopes(asked)[0], torch.stack(list(asked["rates"].values()))
    largest = true.abs().max()
    level = bool((true.abs() < 1e-6 * largest).any())
    facts = {
        f"{len(true)} rates" if len(true) > 1 else "a single rate": True,
        f"which are {asked['kind']}": asked["kind"] in ("leaves", "results"),
        "all of them 0": not rates.any(),
        f"the largest slope is {float(largest):.2g}": True,
        "and one is 0 or nearly so": level,
        "and all are negative": bool((true < 0).all()),
    }
    form = ", ".join(words for words, holds in facts.items() if holds)
    return Suspect(asked, form=form, idea=BY_THE_LARGEST if level else "")


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


def sines_alone(asked: dict, *numbers: Tensor) -> dict:
    """A loss of other sines, in which the rates do nothing together."""
    none, of_loss = torch.zeros_like(asked["Q_of_loss"]), torch.stack(numbers)
    right = {"of_loss": of_loss, "Q_of_loss": none}
    return asked | right | {"of_slopes": of_loss, "Q_of_slopes": none}


def downhill(generator: torch.Generator) -> dict:
    """All slopes are negative."""
    asked = right(generator)
    a, b, c = asked["of_loss"]
    r = torch.stack(list(asked["rates"].values()))
    return sines_alone(asked, -a * (b * r + c).cos().sign(), b, c)


def even(count: int) -> Callable:
    """All slopes are of one size."""

    def make(generator: torch.Generator) -> dict:
        asked = right(generator, count)
        _, b, c = asked["of_loss"]
        r = torch.stack(list(asked["rates"].values()))
        return sines_alone(asked, c.sign() / b, b, -b * r)

    return make


def bending(generator: torch.Generator) -> dict:
    """The loss bends as much as it may."""
    asked = right(generator)
    a, _, c = asked["of_loss"]
    low, high = BENDS
    b = low + (high - low) * torch.rand(len(c), generator=generator, dtype=torch.float64)
    of_loss = torch.stack([a, b, c])
    return asked | {"of_loss": of_loss, "of_slopes": of_loss}


def beside(size: float) -> Callable:
    """The loss is as large as it may be beside its slopes, and one rate is nearly 0."""

    def make(generator: torch.Generator) -> dict:
        asked = right(generator, 5, size)
        asked["rates"] |= {NAMES[2]: asked["rates"][NAMES[2]] * 1e-9}
        return asked | {"offset": BESIDE * float(slopes(asked)[0].abs().max())}

    return make


def level(size: float, rest: float) -> Callable:
    """One slope is 0 but for a small rest, where its difference is off as any other is.

    Two terms of the loss cancel in it, and one of them bends.
    """

    def make(generator: torch.Generator) -> dict:
        asked = right(generator, 4, size)
        r = torch.stack(list(asked["rates"].values()))
        b, pull = BENDS[0] * torch.ones_like(r[1]), (asked["Q_of_loss"] @ r)[1]
        of_loss = asked["of_loss"].clone()
        of_loss[:, 1] = torch.stack([(rest - 1) * pull / b, b, -b * r[1]])
        found = asked | {"of_loss": of_loss, "of_slopes": of_loss}
        share = pull.abs() / slopes(found)[0].abs().max()
        return found if 0.3 < share < 1 else make(generator)

    return make


def valley(generator: torch.Generator) -> dict:
    """Near the bottom of a steep valley."""
    asked = right(generator)
    (first, one), *others, (last, _) = asked["rates"].items()
    away = FROM_BOTTOM * (1 + torch.rand((), generator=generator, dtype=torch.float64))
    across = STEEP * torch.tensor([1.0, 0.0, -1.0], dtype=torch.float64)
    rates = {first: one, **dict(others), last: one - away}
    return asked | {"rates": rates, "valley_of_loss": across, "valley_of_slopes": across}


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
        "1 to 8 rates; they may be 0, leaves, or results; slopes may be 0, negative, or of one "
        "size",
        IDEA,
        [
            even(8),
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
    (
        "a loss that bends as much as it may",
        "the tolerance is too small, or h is too large: with h = 0.001 the difference is off by "
        "nearly a thousandth of the largest slope, and by less where h is smaller",
        [bending],
    ),
    (
        "a loss that bends, where one slope is 0 or nearly so",
        BY_THE_LARGEST,
        [level(1.0, 0.0), level(1e6, 1e-7)],
    ),
    (
        "a loss that bends so strongly that a difference to one side is far off",
        "the difference to both sides is right here: (L(r + h) - L(r - h)) / 2h",
        [valley],
    ),
    (
        "a loss 90,000 times as large as its largest slope, one rate around 1e-9",
        LARGE,
        [beside(1.0), beside(1.0)],
    ),
    (
        "a loss of a millionth, 90,000 times as large as its largest slope, one rate around 1e-9",
        BY_THE_LARGEST,
        [beside(1e-11)],
    ),
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
        given = "2 to 5 rates, losses around 30"
        # among so many, replies to other questions are right by chance once in 3,000 times
        judge(PLAIN, [of_size(1.0), *(of_size(1.0, count) for _ in range(9))], given)
    with report.criterion("also where only one is wrong, and whatever the sizes", 1):
        for given, idea, makes in SPECIAL:
            judge(HIDDEN if len(makes) > 2 else SOME, makes, given, idea)
        given = "dozens of rates, all slopes of one size"
        judge(SOME | ONE_IS_0, [even(whole(52, 64, generator))], given, DOZENS)
        judge(PAIRS, [even(5)], "five rates, all slopes of one size", EACH)
        for size in (1e-6, 1e6):
            given = f"slopes around {size:g}, losses thirty times as large"
            judge(PLAIN | SOME, [of_size(size)], given)
