"""The whole cycle with nbgrader itself: its own API and kernels, a course for each exercise."""

import copy
import json
import shutil
from pathlib import Path

import pytest
from courses import ROOT, TOY, graded_cells, source_of
from forked import Program, environment_without

pytest.importorskip("nbgrader")

from l2l_ref import checks
from l2l_ref.grading.release import build

pytestmark = pytest.mark.slow  # every exercise is graded, with kernels one after the other

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


def students_of(exercise: str) -> list[str]:
    return list(STUDENTS) if exercise == FIRST else ["d-none", "e-all"]


def notebook_in(folder: Path, exercise: str) -> dict:
    return json.loads((folder / exercise / f"{build.short(exercise)}.ipynb").read_text())


def course_with(exercise: str, folder: Path) -> Path:
    """A course with an exercise, the toy beside the first one, and what students have handed in."""
    course = folder / "course"
    shutil.copytree(ROOT / "solutions" / exercise, course / "solutions" / exercise)
    if exercise == FIRST:
        toy = course / "solutions" / "99_toy" / "toy.py"
        toy.parent.mkdir()
        toy.write_text(TOY)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    build.build_course(course)
    solution = notebook_in(course / ".nbgrader/source", exercise)
    release = notebook_in(course / "exercises", exercise)
    for student in students_of(exercise):
        handed_in = course / ".nbgrader/submitted" / student / exercise
        handed_in.mkdir(parents=True)
        notebook = STUDENTS[student](solution, release)
        (handed_in / f"{build.short(exercise)}.ipynb").write_text(json.dumps(notebook))
    (course / "to_validate").mkdir()
    if exercise == FIRST:
        half = half_right(solution, release)
        for name, notebook in {"solved": solution, "half": half}.items():
            (course / f"to_validate/{name}.ipynb").write_text(json.dumps(notebook))
    return course


@pytest.mark.parametrize("exercise", checks.EXERCISES)
def test_the_whole_cycle(exercise, tmp_path):
    """One test for each exercise, because to grade it costs more than all that is asked of it."""
    course = course_with(exercise, tmp_path)
    generated = [exercise, "99_toy"] if exercise == FIRST else [exercise]
    driver = Program(
        "drive_nbgrader:main",
        *("drive_nbgrader", *generated),
        folder=course,
        environment=environment_without(),
    )
    _, errors = driver.communicate(timeout=1800)
    assert driver.returncode == 0, errors[-3000:]
    result = json.loads((course / "result.json").read_text())
    the_release_is_what_nbgrader_generates(course, result, generated)
    if exercise == FIRST:
        solved_ones_are_valid(result)
    the_batch_reaches_its_end(result, exercise)
    for student in students_of(exercise):
        everybody_has_what_is_fair(result["scores"][exercise][student], exercise, student)
    for student in ("d-none", "e-all"):
        a_student_is_told_why(course, exercise, student)
    everything_nbgrader_writes_is_in_one_folder(course)


def the_release_is_what_nbgrader_generates(course, result, generated):
    assert result["generated"].keys() == set(generated)
    for exercise, done in result["generated"].items():
        assert done["success"], done
        ours = notebook_in(course / "exercises", exercise)
        theirs = notebook_in(course / ".nbgrader/release", exercise)
        assert [cell["metadata"] for cell in ours["cells"]] == [
            cell["metadata"] for cell in theirs["cells"]
        ]
        assert ours == theirs
    released = sorted(path for path in (course / ".nbgrader/release").rglob("*.*"))
    assert [path.suffix for path in released] == [".ipynb"] * len(generated)


def solved_ones_are_valid(result):
    validated = result["validated"]
    assert validated["to_validate/solved.ipynb"] == {}
    failed = [cell["source"] for cell in validated["to_validate/half.ipynb"]["failed"]]
    assert failed == [f'check("{name}")' for name in points_of(FIRST) if name not in RIGHT]


def the_batch_reaches_its_end(result, exercise):
    done = result["autograded"][exercise]
    assert done["success"], done.get("error", "")[-2000:]
    assert result["scores"][exercise].keys() == set(students_of(exercise))


def everybody_has_what_is_fair(scores, exercise, student):
    points = points_of(exercise)
    earned = {
        "c-half": {question: points[question] * (question in RIGHT) for question in points},
        "d-none": dict.fromkeys(points, 0.0),
    }.get(student, points)
    for question, out_of in points.items():
        found = scores[f"check_{question}"]
        assert found == [earned[question], False, out_of], (student, question)
    in_words = [0.0, False, 3.0] if student == "d-none" else [None, True, 3.0]
    assert scores["in_words"] == in_words  # an untouched answer in words is no work for a human
    assert len(scores) == len(points) + 1


def a_student_is_told_why(course, exercise, student):
    """What the check prints into the notebook that is graded."""
    notebook = notebook_in(course / ".nbgrader/autograded" / student, exercise)
    cells = graded_cells(notebook)
    for question, out_of in points_of(exercise).items():
        outputs = cells[f"check_{question}"]["outputs"]
        said = "".join("".join(output.get("text", "")) for output in outputs)
        if student == "d-none":
            assert said.startswith(f"{question}: 0 of {out_of:g} points\n")
            assert "NotImplementedError is still raised" in said
        else:
            assert said.startswith(f"{question}: {out_of:g} of {out_of:g} points\n")


def everything_nbgrader_writes_is_in_one_folder(course):
    assert sorted(path.name for path in course.iterdir()) == sorted(
        [".nbgrader", "exercises", "nbgrader_config.py", "result.json", "solutions", "to_validate"]
    )
    assert (course / ".nbgrader/gradebook.db").exists()
