"""The exam of comparisons in exercise 05: what the same functions for two rules tell."""

from collections.abc import Iterator

import torch
from torch import Tensor

from ..answering import doubled
from ..examining import TOLERANCE, close, error, must_be_kept, recognise
from ..lstm_questions import drawn
from ..wire import Tensors
from .pairing import lost_before
from .run_pairs import INTERVALS

#: How many pairs, and how much luck they share.
CASES = ((12, 0.5), (2, 0.3), (40, -0.4), (7, 0.6), (7, 0.3), (200, 1))

#: How far what single precision makes of sums that are nearly alike may be off. A variance of a - b
#: that is pieced together from larger ones is off by far more.
COARSE = 2e-2


def exam_compare(generator, ask, report):
    """The numbers; the two intervals; the gain."""

    def sums(count: int, shared: float) -> tuple[dict, str]:
        luck, own, its = (drawn((count,), generator).double() for _ in range(3))
        a = (3 + 0.3 * own + shared * luck).exp()
        b = (3.4 + 0.2 * its + abs(shared) * luck).exp()
        return {"a": a, "b": b}, f"{count} pairs, {'alike' if shared > 0 else 'opposed'}"

    def replies() -> Iterator[tuple[dict, dict, str]]:
        """What came back, what was asked, and that in words."""
        for case in CASES:
            asked, given = sums(*case)
            reply = ask(**asked)
            yield reply, asked, given
            if not lost_before(report):
                again = reply["again"] | {"changed": []}
                asked = {"a": asked["b"], "b": asked["a"]}
                yield again, asked, f"{given}; then a and b exchanged, in the same tensors"
        one, far = torch.tensor([1.0, 9.0]).double(), 9 + drawn((9,), generator).double()
        asked = {"a": one, "b": one.flip(0)}
        yield ask(**asked), asked, "a = (1, 9), b = (9, 1)"
        if lost_before(report):
            return
        any_sums, _ = sums(12, 0.5)
        apart = {"a": any_sums["a"], "b": 2 * any_sums["b"]}
        alike = [(nearly_alike(generator), ALIKE) for _ in range(2)]  # rounding may be lucky once
        for asked, given in ((apart, "12 pairs in float32"), *alike):
            asked = single(asked)
            yield ask(**asked), doubled(asked), given
        hardly = {"a": far, "b": far + 1e-4 * far.sin()}
        large = {"a": 1e7 + 1e-3 * any_sums["a"], "b": 2e7 + 1e-3 * any_sums["b"]}
        for asked, given in ((hardly, HARDLY), (large, LARGE)):
            yield ask(**asked), asked, given

    with report.criterion("the difference and the ratio of the means", 0.25):
        for case in replies():
            judge_numbers(*case)
    for name, title in zip(
        INTERVALS, ("the interval of the difference", "the interval of the ratio"), strict=True
    ):
        with report.criterion(title, 0.75):
            for case in replies():
                judge_interval(name, *case)
    with report.criterion("what pairing buys", 0.25):
        for case in replies():
            judge_gain(*case)


#: What is said of `nearly_alike`, and of other pairs whose last digits decide.
ALIKE = "9 pairs in float32, whose a and b differ by a few hundredths and go up and down by 100"
HARDLY = "9 pairs in float64 that hardly differ"
LARGE = "12 pairs in float64, all of them ten or twenty million and hundredths"

#: What to look at besides where they are given, and only there.
OF_DIGITS = dict.fromkeys(
    (ALIKE, HARDLY, LARGE),
    "; in the dtype that a and b have: a small variance that is a difference of large ones has "
    "lost its digits, so subtract b, and the mean, before you square",
)


def nearly_alike(generator: torch.Generator) -> Tensors:
    """Sums with much luck, all of it shared."""
    luck, own = (drawn((9,), generator).double() for _ in range(2))
    luck = 100 * (luck - luck.mean()) / luck.std()
    own = (own - own.mean()) / own.std()
    return {"a": 300 + luck + 0.06 + 0.02 * own, "b": 300 + luck}


def single(sums: Tensors) -> Tensors:
    """The same in single precision."""
    return {name: each.float() for name, each in sums.items()}


def tolerance(given: str) -> float:
    """How far a number may be off, as a share of it."""
    return COARSE if given == ALIKE else TOLERANCE


def judge_numbers(reply: dict, asked: dict, given: str) -> None:
    """The difference and the ratio.

    Raises:
        Lost: one is another, or something given has changed.
    """
    expected, a, b = compared(**asked), asked["a"], asked["b"]
    wrong = {
        "this is the mean of the ratios": {"ratio": (a / b).mean()},
        "the ratio is upside down": {"ratio": 1 / expected["ratio"]},
        "the difference has the wrong sign": {"difference": -expected["difference"]},
        "these are medians": {"ratio": a.median() / b.median()},
    }
    idea = recognise(
        reply,
        wrong,
        "the difference of the means, a - b; their ratio, a / b" + OF_DIGITS.get(given, ""),
    )
    for name in ("difference", "ratio"):
        words = {"what": f"the {name}", "given": given, "idea": idea}
        close(reply[name], expected[name], **words, tolerance=tolerance(given))
    must_be_kept(reply["changed"], given, "a -= b writes into what was given")


def judge_gain(reply: dict, asked: dict, given: str) -> None:
    """What pairing buys.

    Raises:
        Lost: it is another.
    """
    gain = compared(**asked)["gain"]
    wrong = {
        "this is its root; the gain is in runs, which go with the variance": gain.sqrt(),
        "the gain is upside down": 1 / gain,
        "the variance without pairing is the sum of both, not their mean": gain / 2,
    }
    idea = recognise(
        reply,
        {say: {"gain": each} for say, each in wrong.items()},
        "the variances of a and b, added up, over the variance of a - b" + OF_DIGITS.get(given, ""),
    )
    words = {"what": "the gain", "given": given, "idea": idea}
    close(reply["gain"], gain, **words, tolerance=tolerance(given))


def compared(a: Tensor, b: Tensor) -> Tensors:
    """The answer, written with sums over the pairs."""
    n, mean_a, mean_b = len(a), a.mean(), b.mean()
    centred = torch.stack([a - mean_a, b - mean_b])
    (aa, ab), (_, bb) = centred @ centred.T / (n - 1)
    ratio, difference = mean_a / mean_b, mean_a - mean_b
    apart = aa + bb - 2 * ab
    along = (aa - 2 * ratio * ab + ratio**2 * bb) / mean_b**2
    return {
        "difference": difference,
        "difference_ci95": _around(difference, apart, n),
        "ratio": ratio,
        "ratio_ci95": _around(ratio, along, n),
        "gain": (aa + bb) / apart,
    }


def _around(middle: Tensor, variance: Tensor, n: int) -> Tensor:
    half = 1.96 * (variance / n).sqrt()
    return torch.stack([middle - half, middle + half])


def mistakes_in(asked: dict, name: str) -> dict[str, Tensor]:
    """Intervals that known mistakes give."""
    a, b = asked["a"], asked["b"]
    n, ratio = len(a), a.mean() / b.mean()
    if name == "difference_ci95":
        middle, unpaired = (a - b).mean(), a.var() + b.var()
        z = a - b
    else:
        middle = ratio
        unpaired = (a.var() + ratio**2 * b.var()) / b.mean() ** 2
        z = ratio + (a - ratio * b) / b.mean()
    return {
        "this is the interval without pairing; it is much the same as if the two had met other "
        "functions": _around(middle, unpaired, n),
        "this is the spread of single runs; that of their mean is smaller by the root of n": (
            _around(middle, z.var() * n, n)
        ),
        "the root over the variance is missing": _around(middle, z.var() ** 2, n),
        "the sum of squares is divided by n - 1, not by n": (
            _around(middle, z.var() * (n - 1) / n, n)
        ),
        "b was taken for a constant here; its mean is uncertain, too": (
            _around(middle, a.var() / b.mean() ** (2 if name == "ratio_ci95" else 0), n)
        ),
        "this is the interval of the mean of the ratios": (
            _around((a / b).mean(), (a / b).var(), n)
        ),
        "this reaches one standard error to each side": _around(middle, z.var() / 1.96**2, n),
    }


def judge_interval(name: str, reply: dict, asked: dict, given: str) -> None:
    """Compare the middle and half the width, each at its own scale.

    What makes the interval of the difference too wide has cost its points there: that of the ratio
    may be too wide by the same factor.

    Raises:
        Lost: they differ.
    """
    expected = compared(**asked)
    got, right = middle_and_half(reply[name]), middle_and_half(expected[name])
    known = {say: {name: middle_and_half(each)} for say, each in mistakes_in(asked, name).items()}
    idea = "middle and half width: the mean of z, and 1.96 s over the root of n, with z as defined"
    idea = recognise({name: got}, known, idea + OF_DIGITS.get(given, ""))
    words, most = {"given": given, "idea": idea}, tolerance(given)
    close(got[0], right[0], what=f"{name}, the middle", **words, tolerance=most)
    half = right[1]
    if name == "ratio_ci95":
        first = [middle_and_half(each["difference_ci95"])[1] for each in (reply, expected)]
        as_before = half * first[0] / first[1]
        half = as_before if error(got[1], as_before) < most else half
    close(got[1], half, what=f"{name}, half the width", **words, tolerance=most)


def middle_and_half(ends: Tensor) -> Tensor:
    """The middle of an interval, and half its width."""
    return torch.stack([ends.sum() / 2, (ends[1] - ends[0]) / 2])
