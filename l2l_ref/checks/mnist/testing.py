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

#: Where a formula may fail; means are in deviations. A formula sees no more than a sample, so it
#: begins to fail a little before the range that the statement names, and within it nearly always
#: does.
RANGES: dict[str, Mapping] = {
    "for sizes below 100": {"where": "size", "end": 99.0},
    "for sizes from 100 to 300": {"where": "size", "start": 100.0, "end": 300.0},
    "for sizes above 300": {"where": "size", "start": 301.0},
    "for deviations below 0.4": {"where": "spread", "end": 0.5},
    "for deviations above 2.5": {"where": "spread", "start": 2.0},
    "where the mean is below 0": {"where": "mean", "end": -0.5},
    "where the mean is far from 0": {"where": "far", "start": 4.0},
}

#: Those that fail in one of these ranges only, be they too short there or too long; and others.
HIDDEN: tuple[dict[str, Mapping], ...] = (
    {f"it is too short {there}": {"z": 1.28} | place for there, place in RANGES.items()}
    | {
        "its middle is above 0 where the mean is below": {"shrink": -1.0}
        | RANGES["where the mean is below 0"],
        "it is NaN for one sample in five": {"z": math.nan, "where": "first", "start": 0.84},
    },
    {f"it is twice too long {there}": {"z": 3.92} | place for there, place in RANGES.items()}
    | {
        "its ends are exchanged where the mean is below 0": {"z": -1.96}
        | RANGES["where the mean is below 0"],
    },
)

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

    def judge(right: Iterable[Mapping], mistakes: Mapping[str, Mapping]) -> None:
        """Raises `Lost` where one is misjudged."""
        suspects = line_up(generator, right, mistakes)
        reply = told(ask, {"probe_intervals": [each.asked for each in suspects]}, GIVEN)
        must_tell(reply["said"], suspects, GIVEN, IDEA)
        must_be_kept(reply["changed"], GIVEN, FOR_ALL)

    title = "intervals that cover pass the test, and plainly wrong ones do not"
    with report.criterion(title, 0.75):
        judge((*RIGHT, EXACT), PLAIN)
    with report.criterion("nor do intervals that cover for some samples only", 0.75):
        for mistakes in HIDDEN:
            judge(RIGHT[:2], mistakes)
