"""Grading works on what the pipeline makes: its tests share the pipeline's exercises."""

import copy
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "release"))


@pytest.fixture(scope="session")
def real():
    """What a student hands in and what was released: ``real(exercise)``; both are copies.

    The first is the release with the solution's answers in it.
    """
    pytest.importorskip("nbgrader")
    from courses import both

    def handed_in(exercise: str) -> tuple[dict, dict]:
        solution, release = both(exercise)
        solved = copy.deepcopy(release)
        for cell, answer in zip(solved["cells"], solution["cells"], strict=True):
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                cell["source"] = answer["source"]
        return solved, copy.deepcopy(release)

    return handed_in
