"""Fixtures of grading's tests."""

import copy
import functools
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real():
    """What a student hands in and what was released: ``real(exercise)``; both are copies.

    The first is the release with the solution's answers in it.
    """
    pytest.importorskip("nbgrader")
    from l2l_ref.grading import build

    @functools.cache
    def both(exercise: str) -> tuple[dict, dict]:
        built = build.build(ROOT / "solutions" / exercise / f"{build.short(exercise)}.py")
        solution, release = json.loads(built.solution), json.loads(built.release)
        solved = copy.deepcopy(release)
        for cell, answer in zip(solved["cells"], solution["cells"], strict=True):
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                lines = "".join(answer["source"]).split("\n")
                cell["source"] = "\n".join(line for line in lines if "### " not in line)
        return solved, release

    return lambda exercise: copy.deepcopy(both(exercise))
