"""The whole cycle with nbgrader itself: its own API, its own kernels, one course for all tests."""

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from courses import ROOT, TOY, graded_cells, source_of

pytest.importorskip("nbgrader")

from l2l_ref import checks
from l2l_ref.grading import build

pytestmark = [
    pytest.mark.slow,  # every exercise is graded, with kernels one after the other
    pytest.mark.xdist_group("nbgrader"),  # in one worker; xdist 3.8 with pytest 9.2 overlooks it
]

FIRST = checks.EXERCISES[0]  # what students do to a notebook is tried on it alone
RIGHT = ("kind", "loss_after")  # what the half-right student knows


def points_of(exercise: str) -> dict[str, float]:
    return checks.get_check(build.short(exercise)).points


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
    for question in points_of(FIRST):
        cell = cell_of(notebook, question)
        cell["source"] = source_of(cell) + f"\n\n{question} = loud({question})"
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
SUBMITTED = {
    exercise: list(STUDENTS) if exercise == FIRST else ["d-none", "e-all"]
    for exercise in checks.EXERCISES
}


def notebook_in(folder: Path, exercise: str) -> dict:
    return json.loads((folder / exercise / f"{build.short(exercise)}.ipynb").read_text())


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
    (course / "to_validate").mkdir()
    for exercise, students in SUBMITTED.items():
        solution = notebook_in(course / ".nbgrader/source", exercise)
        release = notebook_in(course / "exercises", exercise)
        for student in students:
            folder = course / ".nbgrader/submitted" / student / exercise
            folder.mkdir(parents=True)
            notebook = STUDENTS[student](solution, release)
            (folder / f"{build.short(exercise)}.ipynb").write_text(json.dumps(notebook))
        if exercise == FIRST:
            half = half_right(solution, release)
            for name, notebook in {"solved": solution, "half": half}.items():
                (course / f"to_validate/{name}.ipynb").write_text(json.dumps(notebook))
    driver = Path(__file__).with_name("drive_nbgrader.py")
    done = subprocess.run(
        [sys.executable, str(driver), *checks.EXERCISES, "99_toy"],
        cwd=course,
        env={key: value for key, value in os.environ.items() if key != "PYTEST_CURRENT_TEST"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return course, json.loads((course / "result.json").read_text())


def test_the_release_is_what_nbgrader_generates(cycle):
    course, result = cycle
    assert result["generated"].keys() == {*checks.EXERCISES, "99_toy"}
    for exercise, done in result["generated"].items():
        assert done["success"], done
        ours = notebook_in(course / "exercises", exercise)
        theirs = notebook_in(course / ".nbgrader/release", exercise)
        assert [cell["metadata"] for cell in ours["cells"]] == [
            cell["metadata"] for cell in theirs["cells"]
        ]
        assert ours == theirs
    released = sorted(path for path in (course / ".nbgrader/release").rglob("*.*"))
    assert [path.suffix for path in released] == [".ipynb"] * len(result["generated"])


def test_validate(cycle):
    validated = cycle[1]["validated"]
    assert validated["to_validate/solved.ipynb"] == {}
    failed = [cell["source"] for cell in validated["to_validate/half.ipynb"]["failed"]]
    assert failed == [f'check("{name}")' for name in points_of(FIRST) if name not in RIGHT]


@pytest.mark.parametrize(
    ("exercise", "student"), [(e, student) for e in SUBMITTED for student in SUBMITTED[e]]
)
def test_autograde(cycle, exercise, student):
    points = points_of(exercise)
    earned = {
        "c-half": {question: points[question] * (question in RIGHT) for question in points},
        "d-none": dict.fromkeys(points, 0.0),
    }.get(student, points)
    scores = cycle[1]["scores"][exercise][student]
    for question, out_of in points.items():
        assert scores[f"check_{question}"] == [earned[question], False, out_of], question
    in_words = [0.0, False, 3.0] if student == "d-none" else [None, True, 3.0]
    assert scores["in_words"] == in_words  # an untouched answer in words is no work for a human
    assert len(scores) == len(points) + 1


@pytest.mark.parametrize("student", ["d-none", "e-all"])
def test_a_student_is_told_why(cycle, exercise, student):
    """What the check prints into the notebook that is graded."""
    notebook = notebook_in(cycle[0] / ".nbgrader/autograded" / student, exercise)
    cells = graded_cells(notebook)
    for question, out_of in points_of(exercise).items():
        outputs = cells[f"check_{question}"]["outputs"]
        said = "".join("".join(output.get("text", "")) for output in outputs)
        if student == "d-none":
            assert said.startswith(f"{question}: 0 of {out_of:g} points\n")
            assert "NotImplementedError is still raised" in said
        else:
            assert said.startswith(f"{question}: {out_of:g} of {out_of:g} points\n")


def test_the_batch_reaches_its_end(cycle):
    result = cycle[1]
    for exercise, students in SUBMITTED.items():
        done = result["autograded"][exercise]
        assert done["success"], done.get("error", "")[-2000:]
        assert result["scores"][exercise].keys() == set(students)


def test_everything_nbgrader_writes_is_in_one_folder(cycle):
    course, _ = cycle
    assert sorted(path.name for path in course.iterdir()) == sorted(
        [".nbgrader", "exercises", "nbgrader_config.py", "result.json", "solutions", "to_validate"]
    )
    assert (course / ".nbgrader/gradebook.db").exists()
