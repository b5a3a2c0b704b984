"""Question 7 of exercise 01: a test that tells right slopes from wrong ones."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..examining import Suspect, must_tell, told, whole
from .steps import must_stay

NAMES = ("encoder.weight", "encoder.bias", "head.weight", "head.bias", "scale")

#: How far a wrong slope is off, as a share of the largest one, and what is off at most in a right
#: one. The statement says so.
WRONG = 0.05

IDEA = (
    "(L(r + h) - L(r - h)) / 2h, for each rate by itself, is the slope to about h^2; a tolerance "
    "lies between that and a few hundredths of the largest slope"
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
        "offset": 30.0 * size,
        "places": list(range(count)),
        "rates": dict(zip(NAMES, numbers(count).tanh().unbind(), strict=False)),
        "kind": "constants",
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
}


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
    """Right and wrong suspects in random order: of each kind, and of each mistake, one."""
    found = [Suspect(drawn(generator, make)) for make in makes]
    for nth, (words, spoil) in enumerate(mistakes.items()):
        found.append(Suspect(drawn(generator, makes[nth % len(makes)], spoil), words))
    return [found[k] for k in torch.randperm(len(found), generator=generator).tolist()]


def of_size(size: float, count: int = 3) -> Callable:
    """Losses of a size."""
    return lambda generator: right(generator, count, size)


def with_rate_zero(generator: torch.Generator) -> dict:
    """One of the rates is 0."""
    asked = right(generator)
    return asked | {"rates": asked["rates"] | {NAMES[1]: torch.zeros((), dtype=torch.float64)}}


def flat(generator: torch.Generator) -> dict:
    """One of the slopes is 0: the loss does not depend on that rate."""
    asked = right(generator, 4)
    keep = torch.ones(4, dtype=torch.float64)
    keep[2] = 0
    of_loss = asked["of_loss"] * torch.stack([keep, keep**0, keep**0])
    Q = keep[:, None] * asked["Q_of_loss"] * keep
    return asked | {"of_loss": of_loss, "of_slopes": of_loss, "Q_of_loss": Q, "Q_of_slopes": Q}


def as_leaves(generator: torch.Generator) -> dict:
    """The rates require gradients, and have some."""
    return right(generator) | {"kind": "leaves"}


def exam_slopes_are_right(generator, ask, report):
    """Plain cases; cases that need care."""

    def judge(mistakes: dict, makes: list[Callable], given: str) -> dict:
        suspects = line_up(generator, mistakes, makes)
        reply = told(ask, {"probe_suspects": [each.asked for each in suspects]}, given)
        must_tell(reply["said"], suspects, given, IDEA)
        return reply

    with report.criterion("right slopes pass, and wrong ones are found", 1):
        count = whole(2, 5, generator)
        judge(PLAIN, [of_size(1.0), of_size(1.0, count)], f"3 or {count} rates, losses around 30")
    with report.criterion("also where only one is wrong, and whatever the sizes", 1):
        given = "up to 5 rates; some are 0, or leaves; a slope may be 0"
        makes = [of_size(1.0), of_size(1.0, 5), as_leaves, with_rate_zero, flat]
        reply = judge(HIDDEN, makes, given)
        must_stay(reply["changed"], given, "move tensors of your own; those given stay")
        for size in (1e-6, 1e6):
            judge(
                PLAIN | HIDDEN,
                [of_size(size)],
                f"slopes around {size:g}, losses thirty times as large",
            )
