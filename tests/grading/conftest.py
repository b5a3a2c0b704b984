"""Grading works on what the pipeline makes: its tests share the pipeline's exercises."""

import copy
import shutil
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
                lines = "".join(answer["source"]).split("\n")
                cell["source"] = "\n".join(line for line in lines if "### " not in line)
        return solved, copy.deepcopy(release)

    return handed_in


@pytest.fixture(scope="session")
def made_course(tmp_path_factory) -> Path:
    """A course with its assignment in nbgrader's gradebook, which takes seconds to make."""
    pytest.importorskip("nbgrader")
    import classes

    from l2l_ref.grading.classroom.course import Course

    folder = classes.new_course(tmp_path_factory.mktemp("made"))
    assert Course(folder).prepare(classes.EXERCISE)
    return folder


@pytest.fixture
def class_folder(made_course, tmp_path) -> Path:
    """A course of its own for a test, in which nobody has handed in anything."""
    return Path(shutil.copytree(made_course, tmp_path / "course"))
