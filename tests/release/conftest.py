"""Fixtures of the pipeline's tests."""

from pathlib import Path

import pytest
from courses import TOY, both

from l2l_ref.checks import EXERCISES


@pytest.fixture
def toy() -> str:
    """The source of the toy."""
    return TOY


@pytest.fixture
def course(tmp_path):
    """Put exercises into a course in a temporary folder: ``course(toy=TEXT)``."""

    def put(**sources: str) -> Path:
        for number, (name, text) in enumerate(sources.items(), 1):
            path = tmp_path / "solutions" / f"{number:02d}_{name}" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return put


@pytest.fixture(params=EXERCISES)  # with a wider scope, pytest would run the cycle once for each
def exercise(request) -> str:
    """Each exercise of the course."""
    return request.param


@pytest.fixture(scope="session")
def real():
    """An exercise of the course, solved and as it is released: ``real(exercise)``."""
    pytest.importorskip("nbgrader")
    return both
