"""The test in question 5 of exercise 05: whether an interval holds what it promises."""

import math
from collections.abc import Iterable, Mapping

import torch

from ..examining import FOR_ALL, Suspect, must_be_kept, must_tell, shuffled, told

#: Intervals that cover the mean in 94 % to 96 % of all cases; two are longer to one side.
RIGHT: tuple[Mapping, ...] = (
    {"z": 1.93},
    {"z": 2.05},
    {"below": 1.19, "above": 0.893},
    {"below": 0.88, "above": 1.2},
)

#: And one that takes float64 alone, as it was promised.
EXACT: Mapping = {"z": 1.98, "double": 1.0}

#: Those that fail for any sample, by what is wrong with them.
PLAIN: dict[str, Mapping] = {
    "it reaches one standard error to each side": {"z": 1.0},
    "it is that of single numbers, not of their mean": {"power": 0.0},
    "it divides by n in place of its root": {"power": 1.0},
    "it covers in 90 % of all cases": {"z": 1.645},
    "it covers in more than 99 % of all cases": {"z": 2.8},
    "it has no lower half": {"below": 0.0},
    "it has no upper half": {"above": 0.0},
    "it is empty": {"z": 0.0},
}

#: Those that fail for some sizes, spreads, means and samples only. Where a deviation is near the
#: end of its range, samples lie on either side: they are wrong by so much that this shows even so.
HIDDEN: dict[str, Mapping] = {
    "it takes 50 for the size of every sample": {"size": 50.0},
    "it takes 1 for the spread of all samples": {"spread": 1.0},
    "it takes the mean for the spread": {"of_mean": 1.0},
    "its middle is a little too close to 0": {"shrink": 0.9},
    "it is too short for sizes below 100": {"z": 1.28, "where": "size", "end": 99.0},
    "it is too short for sizes from 100 to 300": {
        "z": 1.28,
        "where": "size",
        "start": 100.0,
        "end": 300.0,
    },
    "it is too short for sizes above 300": {"z": 1.28, "where": "size", "start": 301.0},
    "it takes 1 for deviations below 0.5": {"spread": 1.0, "where": "spread", "end": 0.5},
    "it is twice too long for deviations above 2": {"z": 3.92, "where": "spread", "start": 2.0},
    "its ends are exchanged where the mean is negative": {"z": -1.96, "where": "mean", "end": 0.0},
    "it is NaN for one sample in five": {"z": math.nan, "where": "first", "start": 0.84},
}

GIVEN = "functions from samples (m, n) to the ends of m intervals"
IDEA = (
    "draw thousands of samples in float64 whose mean you know, and count the intervals that "
    "contain it, which none does that is NaN or turned over; for every kind of size, mean and "
    "deviation that the statement names. Less than 95 % is wrong, and more is wrong, too"
)


def line_up(
    generator: torch.Generator, right: Iterable[Mapping], mistakes: Mapping[str, Mapping]
) -> list[Suspect]:
    """Right intervals and wrong ones, in random order."""
    found = [Suspect(dict(numbers)) for numbers in right]
    found += [Suspect(dict(numbers), words) for words, numbers in mistakes.items()]
    return shuffled(found, generator)


def exam_covers(generator, ask, report):
    """Intervals that are plainly wrong; those that are right for some samples."""
    for title, right, mistakes in (
        (
            "intervals that cover pass the test, and plainly wrong ones do not",
            (*RIGHT, EXACT),
            PLAIN,
        ),
        ("nor do intervals that cover for some samples only", RIGHT[:2], HIDDEN),
    ):
        with report.criterion(title, points=0.75):
            suspects = line_up(generator, right, mistakes)
            reply = told(ask, {"probe_intervals": [each.asked for each in suspects]}, GIVEN)
            must_tell(reply["said"], suspects, GIVEN, IDEA)
            must_be_kept(reply["changed"], GIVEN, FOR_ALL)
