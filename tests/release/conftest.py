"""Fixtures of the pipeline's tests."""

import json
from pathlib import Path

import pytest
from courses import ROOT, TOY


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


@pytest.fixture(scope="session")
def real() -> tuple[dict, dict]:
    """The first exercise, solved and as it is released."""
    pytest.importorskip("nbgrader")
    from l2l_ref.grading import build

    built = build.build(ROOT / "solutions/01_leaf_tensors/leaf_tensors.py")
    return json.loads(built.solution), json.loads(built.release)
