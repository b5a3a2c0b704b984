"""The house as its rooms describe it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import l2l_ref
from l2l_ref.checks import EXERCISES, NAMES

HOUSE = Path(l2l_ref.__file__).parent
ROOMS = sorted(path.parent for path in HOUSE.rglob("__init__.py"))

#: What a room need not name: the rooms of the exercises, which `checks` tells of together.
UNNAMED = {"__init__", "__pycache__", *NAMES}

#: Files that one reads side by side; a room with more wants another wall. The house itself has a
#: file for each idea of the course.
MOST, IDEAS = 14, 20


def files_in(room: Path) -> set[str]:
    """The modules of a room."""
    return {path.stem for path in room.glob("*.py")} - UNNAMED


def folders_in(room: Path) -> set[str]:
    """The rooms and other folders in a room."""
    return {path.name for path in room.iterdir() if path.is_dir()} - UNNAMED


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(HOUSE.parent)))
def test_a_room_says_what_is_in_it(room):
    docstring = (room / "__init__.py").read_text().split('"""')[1]
    listed = re.findall(r"^    (\w+)  +\S", docstring, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert files_in(room) | folders_in(room) <= set(listed)
    assert len(files_in(room)) <= (IDEAS if room == HOUSE else MOST)


def test_an_exercise_is_wherever_it_must_be():
    """What is forgotten when one is added, said by its name."""
    root = HOUSE.parent
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    (rooms,) = (each for each in contracts["contracts"] if each["name"].endswith("an exercise"))
    assert rooms["containers"] == [f"l2l_ref.checks.{name}" for name in NAMES]
    rooms = {path.parent.name for path in (HOUSE / "checks").glob("*/run.py")}
    assert rooms == set(NAMES), "EXERCISES in l2l_ref/checks/__init__.py and the rooms beside it"
    sources = {path.parent.name for path in (root / "solutions").glob("*/*.py")}
    assert sources == set(EXERCISES), "EXERCISES in l2l_ref/checks/__init__.py and solutions/"
    for exercise, name in zip(EXERCISES, NAMES, strict=True):
        assert (root / "solutions" / exercise / f"{name}.py").exists()
        assert f"{{graded}} {exercise}" in (root / "book" / f"{exercise}.md").read_text()
        answers = root / "tests/graders" / name
        for needed in ("right/*.py", "wrong/*.py", "equivalent.py"):
            assert list(answers.glob(needed)), f"tests/graders/{name}/{needed} is missing"


def test_no_exam_is_longer_than_one_reads_in_a_sitting():
    lines = {path: path.read_text().count("\n") for path in (HOUSE / "checks").rglob("*.py")}
    assert [path for path, count in lines.items() if count > 500] == []


def test_the_answering_side_loads_no_answer():
    """What import-linter reads in the code is so when it runs, too: a room loads its exam late."""
    runs = ", ".join(f"l2l_ref.checks.{name}.run" for name in NAMES)
    code = f"import sys, {runs}, l2l_ref.grading.examination.inside; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("l2l_ref.")}
    side = {"processes", "answering", "settings", "lstm_answers", "module_answers", "wire"}
    side |= set(NAMES)
    files = {f"{name}.run" for name in NAMES}
    files |= {f"{name}.networks" for name in ("leaf_tensors", "meta_modules", "meta_resnet")}
    files |= {"leaf_tensors.given", "quadratics.given", "quadratics.networks"}
    files |= {"lstm_optimizer.optimizees", "mnist.elsewhere"}
    files |= {"meta_resnet.building", "meta_resnet.watched"}
    assert loaded == {
        "l2l_ref.checks",
        *(f"l2l_ref.checks.{name}" for name in side | files),
        *("l2l_ref.grading", "l2l_ref.grading.examination", "l2l_ref.grading.examination.inside"),
        *("l2l_ref.support", "l2l_ref.support.errors"),
    }
