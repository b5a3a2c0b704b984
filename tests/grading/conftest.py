"""Fixtures of the grading tests."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def made_course(tmp_path_factory) -> Path:
    """A course with its assignment in nbgrader's gradebook, which takes seconds to make."""
    pytest.importorskip("nbgrader")
    import classes

    from l2l_ref.grading.course import Course

    folder = classes.new_course(tmp_path_factory.mktemp("made"))
    assert Course(folder).prepare(classes.EXERCISE)
    return folder


@pytest.fixture
def class_folder(made_course, tmp_path) -> Path:
    """A course of its own for a test, in which nobody has handed in anything."""
    return Path(shutil.copytree(made_course, tmp_path / "course"))
