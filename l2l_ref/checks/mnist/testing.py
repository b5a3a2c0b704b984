"""The test in question 5 of exercise 05: whether an interval holds what it promises."""

from collections.abc import Mapping

import torch

from ..examining import Suspect, must_tell, told

#: Intervals that cover the mean in 95 % of all cases, nearly.
RIGHT = ({}, {"z": 1.98}, {"z": 1.94})

#: Those that fail for any sample, by what is wrong with them.
PLAIN: dict[str, Mapping[str, float]] = {
    "it reaches one standard error to each side": {"z": 1.0},
    "it is that of single numbers, not of their mean": {"power": 0.0},
    "it divides by n in place of its root": {"power": 1.0},
    "it covers in 90 % of all cases": {"z": 1.645},
    "it covers in more than 99 % of all cases": {"z": 2.8},
    "it has no lower half": {"below": 0.0},
    "it has no upper half": {"above": 0.0},
    "it is empty": {"z": 0.0},
}

#: Those that fail for some sizes, spreads and means only.
HIDDEN: dict[str, Mapping[str, float]] = {
    "it takes 50 for the size of every sample": {"size": 50.0},
    "it takes 1 for the spread of all samples": {"spread": 1.0},
    "it takes the mean for the spread": {"of_mean": 1.0},
    "its middle is a little too close to 0": {"shrink": 0.9},
}

GIVEN = "functions from samples (m, n) to the ends of m intervals"
IDEA = (
    "draw thousands of samples whose mean you know, and count the intervals that contain it; for "
    "small and for large samples, for means and spreads that are neither 0 nor 1. Less than 95 % "
    "is wrong, and more is wrong, too"
)


def line_up(generator: torch.Generator, mistakes: Mapping[str, Mapping]) -> list[Suspect]:
    """Right intervals and wrong ones, in random order."""
    found = [Suspect(dict(numbers)) for numbers in RIGHT]
    found += [Suspect(dict(numbers), words) for words, numbers in mistakes.items()]
    return [found[k] for k in torch.randperm(len(found), generator=generator).tolist()]


def exam_covers(generator, ask, report):
    """Intervals that are plainly wrong; those that are right for some samples."""
    for title, points, mistakes in (
        ("intervals that cover pass the test, and plainly wrong ones do not", 0.75, PLAIN),
        ("nor do intervals that cover for some samples only", 0.75, HIDDEN),
    ):
        with report.criterion(title, points):
            suspects = line_up(generator, mistakes)
            reply = told(ask, {"probe_intervals": [each.asked for each in suspects]}, GIVEN)
            must_tell(reply["said"], suspects, GIVEN, IDEA)
