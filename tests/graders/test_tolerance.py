"""The tolerance lies a factor of ten above rounding and below the mildest wrong answer."""

import math
import sys

import pytest
import torch
from answers import a_third_of_the_wrong_ones, run, solved

from l2l_ref.checks import NAMES, examining, get_check
from l2l_ref.checks.examining import TOLERANCE, close, error

#: Where the checks are; a check may have more modules than one.
CHECKS = "l2l_ref.checks."


def errors(monkeypatch, name: str, questions, answers: dict, seed: int) -> list[float]:
    """The error of every comparison in an exam of some questions."""
    met, check = [], get_check(name)
    checks = [module for path, module in sys.modules.items() if path.startswith(CHECKS)]

    def recorded(got, expected, **words):
        scale, own = words.get("scale", 0.0), words.get("tolerance", TOLERANCE)
        found = math.inf if got is None else error(got, expected, scale)
        # Where the statement itself asks for less, rounding is held against that.
        met.append(found if found > own else found * TOLERANCE / own)
        close(got, expected, **words)

    with monkeypatch.context() as patch:
        for module in checks:
            if hasattr(module, "close") and module is not examining:
                patch.setattr(module, "close", recorded)
        for question in questions:
            check.examine(question, answers, seed)
    return met


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_tolerance_divides_right_from_wrong(name, monkeypatch):
    rounding, right = [], solved(name)
    # A question without comparisons, such as a race, need not be asked again and again.
    compared = [q for q in get_check(name).points if errors(monkeypatch, name, [q], right, seed=0)]
    for threads, seed in ((1, 0), (1, 1), (2, 2), (4, 3)):
        torch.set_num_threads(threads)
        rounding += errors(monkeypatch, name, compared, right, seed)
    mildest, mildest_of = math.inf, ""
    for parameter in a_third_of_the_wrong_ones():
        unit, path = parameter.values
        if unit == name:
            answers = run(path.read_text())
            found = errors(monkeypatch, name, answers.keys() & compared, answers, seed=0)
            # An answer is caught by the largest of its errors.
            largest = max(found, default=0.0)
            if largest > TOLERANCE:
                mildest, mildest_of = min((mildest, mildest_of), (largest, path.stem))
    print(
        f"{name}: rounding up to {max(rounding):.1e}, tolerance {TOLERANCE:.0e}, "
        f"mildest wrong number {mildest:.1e} ({mildest_of})"
    )
    assert 10 * max(rounding) < TOLERANCE
    assert mildest > 10 * TOLERANCE
