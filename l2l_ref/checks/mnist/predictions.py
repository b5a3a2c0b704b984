"""What comes out where a student of exercise 05 guesses first, and why."""

import torch
from torch import Tensor

from ..predicting import Prediction, Predictions


def leaked() -> float:
    """Of the images in the last fifth of a shuffled file, the percentage with a copy before it."""
    pictures = torch.arange(10_000).repeat(2)  # each picture is there twice
    order = torch.randperm(20_000, generator=torch.Generator().manual_seed(0))
    before, report = pictures[order].split([16_000, 4_000])
    return 100 * float(torch.isin(report, before).double().mean())


def sums_of(runs: int, people: int, ratio: float = 1.0) -> tuple[Tensor, Tensor]:
    """Sums of two rules, (people, runs) each, which share most of their luck."""
    generator = torch.Generator().manual_seed(0)
    luck, a, b = torch.randn(3, people, runs, dtype=torch.float64, generator=generator)
    return ratio * (50 + 10 * luck + 4 * a), 50 + 10 * luck + 4 * b


def gain() -> float:
    """How many times as many runs one would need without pairing."""
    a, b = sums_of(300_000, 1)
    return float((a.var() + b.var()) / (a - b).var())


def covered() -> float:
    """The percentage of 95 % intervals, of five runs each, that contain the true ratio."""
    a, b = sums_of(5, 4000, ratio=0.9)
    ratio = a.mean(1, keepdim=True) / b.mean(1, keepdim=True)
    z = ratio + (a - ratio * b) / b.mean(1, keepdim=True)
    half = 1.96 * z.std(1) / 5**0.5
    return 100 * float(((ratio[:, 0] - 0.9).abs() <= half).double().mean())


predict = Predictions(
    "mnist",
    {
        "leaked": Prediction(
            leaked,
            "Wherever an image of the report lies, its copy lies anywhere else with the same "
            "chance: in the report with 20 %, in the two other parts with 80 %. Shuffling "
            "spreads the copies, and keeps nothing apart.",
            factor=1.1,
        ),
        "gain": Prediction(
            gain,
            "The variance of a sum is 100 from the luck that both share and 16 of its own: without "
            "pairing the difference has twice that, 232. With it the luck cancels, and 32 remain. "
            "So one would need 232 / 32 = 7.25 times as many runs, and pairing costs nothing.",
            factor=1.4,
        ),
        "covered": Prediction(
            covered,
            "1.96 belongs to a spread that is known. With five runs the spread is estimated from "
            "five numbers, often too small, and the interval is then too short. With 40 runs it "
            "hardly matters. Student's t has 2.78 in place of 1.96 for five runs.",
            factor=1.04,
        ),
    },
)
