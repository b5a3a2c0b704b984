"""The whole cycle with nbgrader itself: its own API, its own kernels, one course for all tests."""

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from courses import ROOT, TOY

pytest.importorskip("nbgrader")

from l2l_ref import checks
from l2l_ref.grading import build

EXERCISE, NAME = "01_leaf_tensors", "leaf_tensors"
POINTS = checks.get_check(NAME).points
RIGHT = ("kind", "loss_after")  # what the half-right student knows


def cell_of(notebook: dict, grade_id: str) -> dict:
    (found,) = (cell for cell in notebook["cells"] if cell["id"] == grade_id)
    return found


def half_right(solution: dict, release: dict) -> dict:
    notebook = copy.deepcopy(release)
    for question in RIGHT:
        cell_of(notebook, question)["source"] = cell_of(solution, question)["source"]
    cell_of(notebook, "in_words")["source"] = "Because of .data."
    return notebook


#: A log keeps the stderr that it found first, so that its warnings reach the check's cell.
LOUD = """\
import logging

logging.basicConfig(force=True)

def loud(function):
    def warns(*arguments):
        logging.warning("deprecated")
        return function(*arguments)
    return warns"""


def warning(solution: dict, release: dict) -> dict:
    """Every answer warns on stderr."""
    notebook = copy.deepcopy(solution)
    for question in POINTS:
        cell = cell_of(notebook, question)
        cell["source"] = "".join(cell["source"]) + f"\n\n{question} = loud({question})"
    cell = {"cell_type": "code", "id": "loud", "metadata": {}, "source": LOUD}
    notebook["cells"].insert(1, cell | {"outputs": [], "execution_count": None})
    return notebook


def copied(solution: dict, release: dict) -> dict:
    """Cells that JupyterLab copied: the grade_id is there twice. The copies would earn nothing."""
    notebook = copy.deepcopy(solution)
    for grade_id in ("kind", "check_kind", "in_words"):
        twin = copy.deepcopy(cell_of(notebook, grade_id))
        twin["id"] = f"copy-of-{grade_id}"
        if grade_id == "kind":
            twin["source"] = "def kind(tensor):\n    return 'a try'"
        notebook["cells"].append(twin)
    return notebook


def damaged(solution: dict, release: dict) -> dict:
    """A check deleted, another one without readable metadata, new ids: VS Code and clumsy hands."""
    notebook = warning(solution, release)
    notebook["cells"].remove(cell_of(notebook, "check_put"))
    cell_of(notebook, "check_kind")["metadata"]["nbgrader"] = {}
    cell_of(notebook, "check_sgd_step")["source"] = "3.0  # of 3, I am sure"
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"vs{number}"
    return notebook


STUDENTS = {  # in the order in which they are graded
    "a-copied": copied,
    "b-damaged-and-warns": damaged,
    "c-half": half_right,
    "d-none": lambda solution, release: release,
    "e-all": lambda solution, release: solution,
}


@pytest.fixture(scope="module")
def cycle(tmp_path_factory) -> tuple[Path, dict]:
    """A course that was generated, validated and autograded: its folder and what came out."""
    course = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "solutions", course / "solutions")
    toy = course / "solutions/99_toy/toy.py"
    toy.parent.mkdir()
    toy.write_text(TOY)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    build.build_course(course)
    solution, release = (
        json.loads((course / folder / EXERCISE / f"{NAME}.ipynb").read_text())
        for folder in (".nbgrader/source", "exercises")
    )
    for student, edit in STUDENTS.items():
        path = course / ".nbgrader/submitted" / student / EXERCISE / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(edit(solution, release)))
    (course / "to_validate").mkdir()
    for name, notebook in {"solved": solution, "half": half_right(solution, release)}.items():
        (course / f"to_validate/{name}.ipynb").write_text(json.dumps(notebook))
    driver = Path(__file__).with_name("drive_nbgrader.py")
    done = subprocess.run(
        [sys.executable, str(driver), EXERCISE, "99_toy"],
        cwd=course,
        env={key: value for key, value in os.environ.items() if key != "PYTEST_CURRENT_TEST"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return course, json.loads((course / "result.json").read_text())


def test_the_release_is_what_nbgrader_generates(cycle):
    course, result = cycle
    for exercise, done in result["generated"].items():
        assert done["success"], done
        file = f"{exercise}/{build.short(exercise)}.ipynb"
        ours = json.loads((course / "exercises" / file).read_text())
        theirs = json.loads((course / ".nbgrader/release" / file).read_text())
        assert [cell["metadata"] for cell in ours["cells"]] == [
            cell["metadata"] for cell in theirs["cells"]
        ]
        assert ours == theirs
    assert len(result["generated"]) == 2
    released = sorted(path for path in (course / ".nbgrader/release").rglob("*.*"))
    assert [path.suffix for path in released] == [".ipynb", ".ipynb"]


def test_validate(cycle):
    validated = cycle[1]["validated"]
    assert validated["to_validate/solved.ipynb"] == {}
    failed = [cell["source"] for cell in validated["to_validate/half.ipynb"]["failed"]]
    assert failed == [f'check("{question}")' for question in POINTS if question not in RIGHT]


@pytest.mark.parametrize("student", STUDENTS)
def test_autograde(cycle, student):
    wanted = {
        "c-half": {question: POINTS[question] * (question in RIGHT) for question in POINTS},
        "d-none": dict.fromkeys(POINTS, 0.0),
    }.get(student, POINTS)
    scores = cycle[1]["scores"][student]
    for question, points in wanted.items():
        assert scores[f"check_{question}"] == [points, False, POINTS[question]], question
    in_words = [0.0, False, 3.0] if student == "d-none" else [None, True, 3.0]
    assert scores["in_words"] == in_words  # an untouched answer in words is no work for a human
    assert len(scores) == len(POINTS) + 1


def test_the_batch_reaches_its_end(cycle):
    result = cycle[1]
    assert result["autograded"]["success"], result["autograded"].get("error", "")[-2000:]
    assert result["scores"].keys() == STUDENTS.keys()


def test_everything_nbgrader_writes_is_in_one_folder(cycle):
    course, _ = cycle
    assert sorted(path.name for path in course.iterdir()) == sorted(
        [".nbgrader", "exercises", "nbgrader_config.py", "result.json", "solutions", "to_validate"]
    )
    assert (course / ".nbgrader/gradebook.db").exists()
