"""The command ``l2l grade`` as it is typed: a solution and a loop, on this machine."""

import json

import pytest

pytest.importorskip("nbgrader")

from classes import EXERCISE, NAME, hand_in, released, source_of
from forked import Program, environment_without

from l2l_ref import checks
from l2l_ref.grading.cage import sandbox


def typed(course, *options: str) -> tuple[int, str, str]:
    """Exit code, output and errors of the command in a course's folder."""
    protection = ["--unsafe"] if sandbox.missing() else []
    arguments = ["l2l", "grade", *options, *protection, "--course", str(course)]
    program = Program(
        "l2l_ref.cli:main", *arguments, folder=course, environment=environment_without()
    )
    out, errors = program.communicate(timeout=500)
    return program.returncode, out, errors


@pytest.mark.slow
def test_an_answer_that_loops_costs_itself_and_the_time_that_is_allowed(class_folder, tmp_path):
    notebook = released(class_folder)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "kind":
            cell["source"] = source_of(cell) + "\n\nwhile True:\n    pass\n"
    solution = class_folder / ".nbgrader/source" / EXERCISE / f"{NAME}.ipynb"
    hand_in(class_folder, "ann", solution.read_bytes())
    hand_in(class_folder, "bob", json.dumps(notebook))
    code, out, errors = typed(
        class_folder, "leaf_tensors", "--timeout", "8", "--json", str(tmp_path / "out.json")
    )
    assert code == 0, errors[-3000:]
    assert "2 graded, 0 repaired, 0 failed to run" in out
    ann, bob = json.loads((tmp_path / "out.json").read_text())["students"]
    assert ann["points"] == ann["out_of"] == sum(checks.get_check(NAME).points.values())
    assert bob["points"] == 0
    assert "ran longer than 8 s and was stopped" in str(bob["remarks"])


def test_what_is_no_exercise_is_named(class_folder):
    code, _, errors = typed(class_folder, "99_nothing")
    assert code == 2
    assert errors.startswith("l2l: ")
    assert "99_nothing" in errors
    assert len(errors.splitlines()) <= 2
