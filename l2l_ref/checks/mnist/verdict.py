"""The exam of claims and the intervals that allow them, in exercise 05."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

import torch

from ..examining import Lost, must_be_kept, whole
from .pairing import lost_before

BASELINES = ("adam", "adamw", "rmsprop", "nag", "sgd")


def one_of(things: Sequence, generator: torch.Generator):
    """One of some things, at random."""
    return things[whole(0, len(things) - 1, generator)]


def interval(ends: bool, generator: torch.Generator) -> tuple[float, float]:
    """On either side of 1 or across it.

    Args:
        ends: also close to 1, ending there, NaN, infinite. One criterion has them, so that who
            misjudges them loses no other.
    """
    width = 0.02 + 0.3 * float(torch.rand((), generator=generator))
    gap = 0.03 + 0.3 * float(torch.rand((), generator=generator))
    kinds = [[(1 - gap - width, 1 - gap)], [(1 + gap, 1 + gap + width)], [(1 - gap, 1 + width)]]
    if ends:
        gap = one_of((1e-3, 1e-9), generator)
        kinds[0] += [(1 - gap - width, 1 - gap), (-width, 1 - gap), (-math.inf, 1 - gap)]
        kinds[1] += [(1 + gap, 1 + gap + width), (1 + gap, math.inf)]
        kinds[2] += [(1 - width, 1.0), (1.0, 1 + width), (math.nan, math.nan)]
        kinds[2] += [(-math.inf, 1 + width), (1 - width, math.inf), (-math.inf, math.inf)]
    return one_of(kinds[one_of((0, 0, 1, 1, 2), generator)], generator)


def exam_verdict(generator, ask, report):
    """One baseline; every and some; claims made after looking."""

    def claims(
        sizes: Sequence[int], stated: Sequence[str], fresh: Sequence, ends: bool = False
    ) -> dict:
        asked, count = [], 160
        for _ in range(count):
            order = torch.randperm(len(BASELINES), generator=generator)
            asked.append(
                {
                    "says": one_of(("ahead", "behind"), generator),
                    "of": one_of(("every", "some"), generator),
                    "names": [BASELINES[k] for k in order[: one_of(sizes, generator)]],
                    "stated": one_of(stated, generator),
                    "fresh": one_of(fresh, generator),
                }
            )
        intervals = [[interval(ends, generator) for _ in BASELINES] for _ in range(2 * count)]
        seen, fresh_ones = torch.tensor(intervals, dtype=torch.float64).chunk(2)
        return {
            "names": BASELINES,
            "probe_claims": asked,
            "probe_seen": seen,
            "probe_fresh": fresh_ones,
        }

    with report.criterion("one baseline: ahead, behind, or neither", 0.5):
        asked = claims((1,), ("before",), (None,), ends=True)
        idea = "the interval must lie wholly on one side of 1, which one with NaN does on neither"
        judge_verdicts(ask(**asked), asked, idea)
    with report.criterion("every and some", 1):
        asked = claims((2, 3, 4, 5), ("before",), (None,))
        idea = (
            "ask whether the claim is true, or false, whatever the unknown statements are; the "
            "opposite of 'ahead of every one' is 'behind one of them'"
        )
        reply = ask(**asked)
        judge_verdicts(reply, asked, idea)
        must_be_kept(
            reply["changed"], "some claims", "the claim and the intervals stay as they are"
        )
        if not lost_before(report):  # several, and NaN or an end at 1 at any place among them
            asked = claims((2, 3, 4, 5), ("before",), (None,), ends=True)
            judge_verdicts(ask(**asked), asked, idea)
    with report.criterion("a claim made after looking needs fresh runs", 1):
        sizes = (
            (1,) if report.criteria[1].lost else (1, 2, 3)
        )  # every and some have cost their points
        asked = claims(sizes, ("before", "after"), (True, True, False, None))
        idea = "before: judged by seen; after: judged by fresh alone, and open without it"
        judge_verdicts(ask(**asked), asked, idea)


def true_or_false(claim: Mapping, intervals: Mapping[str, Sequence[float]] | None) -> str:
    """The verdict: tries every way in which the unknown statements may be true or false."""
    if intervals is None:
        return "open"
    possible = []
    for name in claim["names"]:
        low, high = intervals[name]
        ahead = [True] if high < 1 else [False] if low > 1 else [True, False]
        possible.append(ahead if claim["says"] == "ahead" else [not each for each in ahead])
    quantifier = all if claim["of"] == "every" else any
    outcomes = {quantifier(world) for world in itertools.product(*possible)}
    return {(True,): "holds", (False,): "does not hold"}.get(tuple(outcomes), "open")


def right_verdict(claim: Mapping, seen: Mapping, fresh: Mapping | None) -> str:
    """By the runs that may judge the claim."""
    return true_or_false(claim, seen if claim["stated"] == "before" else fresh)


def ends_count(claim: Mapping, seen: Mapping, fresh: Mapping | None) -> str:
    """As if an interval that ends at 1 lay wholly on one side."""

    def without_ends(intervals: Mapping | None) -> dict | None:
        if intervals is None:
            return None
        return {
            name: (low + 1e-9 * (low == 1), high - 1e-9 * (high == 1))
            for name, (low, high) in intervals.items()
        }

    return right_verdict(claim, without_ends(seen), without_ends(fresh))


#: Known mistakes, each as a way to judge.
MISTAKES = {
    "an interval that ends at 1 allows nothing": ends_count,
    "every claim was judged as one about every baseline": lambda claim, seen, fresh: right_verdict(
        claim | {"of": "every"}, seen, fresh
    ),
    "the claim is about the baselines that it names, not about all": lambda claim, seen, fresh: (
        right_verdict(claim | {"names": BASELINES}, seen, fresh)
    ),
    "'behind' was judged as if it were 'ahead'": lambda claim, seen, fresh: right_verdict(
        claim | {"says": "ahead"}, seen, fresh
    ),
    "claims made after looking were judged by the runs one had looked at": lambda claim, seen, _: (
        true_or_false(claim, seen)
    ),
    "claims made before were judged by the fresh runs, or called open without them": (
        lambda claim, _, fresh: true_or_false(claim, fresh)
    ),
    "claims made after looking were called open although there were fresh runs": (
        lambda claim, seen, _: right_verdict(claim, seen, None)
    ),
    "what is not allowed is open, unless its opposite may be said": lambda claim, seen, fresh: (
        "holds" if right_verdict(claim, seen, fresh) == "holds" else "does not hold"
    ),
}


def judge_verdicts(reply: dict, asked: dict, idea: str) -> None:
    """Compare the verdicts on all claims; the first that is wrong is shown.

    Raises:
        Lost: one is wrong.
    """
    cases = list(_cases(asked))
    expected = [right_verdict(*case) for case in cases]
    said = reply["said"]
    for say, wrong in MISTAKES.items():
        if said == [wrong(*case) for case in cases] and said != expected:
            idea = say
    for (claim, seen, fresh), mine, right in zip(cases, said, expected, strict=True):
        if mine != right:
            words = f"{claim['says']} of {claim['of']} of {', '.join(claim['names'])}"
            given = f"{words}, stated {claim['stated']}; seen: {_shown(seen, claim['names'])}"
            if claim["stated"] == "after":
                given += f"; fresh: {_shown(fresh, claim['names']) if fresh else 'none'}"
            raise Lost(repr(mine), repr(right), given, idea)


def _cases(asked: dict) -> Iterable[tuple]:
    """Claim, seen and fresh of each case."""
    rows = zip(asked["probe_claims"], asked["probe_seen"], asked["probe_fresh"], strict=True)
    for claim, seen, fresh in rows:
        by_name = dict(zip(BASELINES, seen.tolist(), strict=True))
        again = dict(zip(BASELINES, fresh.tolist(), strict=True)) if claim["fresh"] else None
        yield claim, by_name, again


def _shown(intervals: Mapping, names: Iterable[str]) -> str:
    return ", ".join(f"{name} {' to '.join(map(_end, intervals[name]))}" for name in names)


def _end(value: float) -> str:
    """An end of an interval, with as many digits as tell on which side of 1 it lies."""
    short = f"{value:.3g}"
    return f"{value:.10g}" if float(short) == 1 != value else short
