"""The answering side of the test in question 5: intervals that cover, or do not; and of studies."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..answering import NoAnswer, describe
from ..suspects import verdict_from
from ..wire import Tensors


@dataclass(frozen=True)
class Interval:
    """Numbers that make an interval of a mean; as they stand here, it covers in 95 % of all cases.

    Args:
        z: half its width in standard errors. power: of the sample's size in the standard error.
        shrink: what the middle is multiplied by. above, below: times that half.
        where: "size", "spread", "mean" (in deviations), "far" (how far that is from 0) or "first"
            (how many deviations the first number lies above the mean): all this is so only where
            that is between ``start`` and ``end``.
        double: 1 where it takes nothing but float64.
    """

    z: float = 1.96
    power: float = 0.5
    shrink: float = 1.0
    above: float = 1.0
    below: float = 1.0
    where: str = ""
    start: float = -math.inf
    end: float = math.inf
    double: float = 0.0

    def ends(self, mean: Tensor, spread: Tensor, n: int) -> Tensor:
        """Lower and upper ends (2, m), from each sample's mean and deviation."""
        half = self.z * spread / n**self.power
        middle = self.shrink * mean
        return torch.stack([middle - self.below * half, middle + self.above * half])


#: An interval that covers.
PLAIN = Interval()


def made(numbers: Interval) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """The function from samples (m, n) to lower and upper ends (m,)."""

    def interval(samples: Tensor) -> tuple[Tensor, Tensor]:
        if numbers.double and samples.dtype != torch.float64:
            raise NoAnswer(f"a formula was given {describe(samples)}", "samples (m, n) in float64")
        known = samples.mean(1), samples.std(1), samples.shape[1]
        ends = numbers.ends(*known)
        if numbers.where:
            here = _between(numbers, samples, *known)
            ends = torch.where(here, ends, PLAIN.ends(*known))
        low, high = ends
        return low, high

    return interval


def _between(numbers: Interval, samples: Tensor, mean: Tensor, spread: Tensor, n: int) -> Tensor:
    """For which samples an interval is what its numbers say (m,)."""
    value = {
        "size": torch.full_like(mean, n),
        "spread": spread,
        "mean": mean / spread,
        "far": (mean / spread).abs(),
        "first": (samples[:, 0] - mean) / spread,
    }[numbers.where]
    return (numbers.start <= value) & (value <= numbers.end)


def run_covers(student: Callable, probe_intervals: Sequence[dict]) -> dict:
    """What the test says of each interval."""
    said = [verdict_from(student(made(Interval(**each)))) for each in probe_intervals]
    return {"said": said, "changed": []}


def run_flaws(student: Callable, probe_studies: Sequence[dict], images: Tensors) -> dict:
    """What is found in each study, read when all are there, and whether it is as it was.

    Args:
        images: the parts of all studies, by ``"place/part"``.
    """
    answers, changed = [], []
    for place, asked in enumerate(probe_studies):
        parts = {part: images[f"{place}/{part}"].clone() for part in ("train", "tune", "report")}
        study = {**asked, "images": parts}
        before = repr({**study, "images": {n: p.tolist() for n, p in parts.items()}})
        answers.append(student(study))
        if before != repr({**study, "images": {n: p.tolist() for n, p in study["images"].items()}}):
            changed.append("the study")
    return {"found": [_names(answer) for answer in answers], "changed": changed[:1]}


def _names(value: object) -> list[str]:
    """Names of flaws, each once."""
    if isinstance(value, str | Mapping) or not isinstance(value, list | tuple | set | frozenset):
        raise NoAnswer(describe(value), "a set or a list of names of flaws")
    if wrong := next((name for name in value if not isinstance(name, str)), None):
        raise NoAnswer(f"{describe(wrong)} among the flaws", "their names")
    return sorted(set(value))
