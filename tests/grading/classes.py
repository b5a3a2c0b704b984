"""A class for the tests of `l2l grade`: a course, submissions, and a grader that runs nothing.

The grader is a stand-in that the workers import. It reads from the submission itself what to do: a
notebook's metadata ``pretend`` may give points, and take time, or its worker down.
"""

import copy
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests/release"))

from courses import source_of  # noqa: E402

from l2l_ref import checks  # noqa: E402
from l2l_ref.grading.examination import records  # noqa: E402
from l2l_ref.grading.release import build  # noqa: E402

EXERCISE, NAME = "01_leaf_tensors", "leaf_tensors"

Alike = namedtuple("Alike", "cell one other share")


def new_course(folder: Path, *exercises: str) -> Path:
    """A course as an instructor has it after ``make exercises``, with these exercises."""
    for exercise in exercises or (EXERCISE,):
        shutil.copytree(ROOT / "solutions" / exercise, folder / "solutions" / exercise)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    build.build_course(folder)
    return folder


def released(course: Path, exercise: str = EXERCISE) -> dict:
    path = course / "exercises" / exercise / f"{build.short(exercise)}.ipynb"
    return json.loads(path.read_text())


def submission(course: Path, points: dict | None = None, **pretend) -> str:
    """A notebook that is handed in: the release, an answer in words, and what the grader does."""
    notebook = released(course)
    for cell in notebook["cells"]:
        if cell["id"] == "in_words":
            cell["source"] = pretend.pop("words", "Because of .data.")
    notebook["metadata"]["pretend"] = {"points": points or {}, **pretend}
    return json.dumps(notebook)


def hand_in(course: Path, student: str, text: str | bytes, when: str = "") -> Path:
    """Put a submission where nbgrader's collect puts it."""
    path = course / ".nbgrader/submitted" / student / EXERCISE / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if when:
        (path.parent / "timestamp.txt").write_text(when)
    return path


def version_now() -> str:
    """Of the check; a worker is told, since to ask the check takes torch."""
    return checks.get_check(NAME).version


def points_in(release: str) -> dict[str, float]:
    """What each question is worth, by the release."""
    graded = (cell["metadata"].get("nbgrader", {}) for cell in json.loads(release)["cells"])
    return {
        cell["grade_id"].removeprefix("check_"): float(cell["points"])
        for cell in graded
        if cell.get("grade_id", "").startswith("check_")
    }


def fake_grade(job: dict) -> dict:
    """A record in which each question has the points that the submission names."""
    log = Path(os.environ.get("PRETEND_LOG", os.devnull))
    with open(log, "a") as file:
        file.write(f"{job['student']}\n")
    points, version = points_in(job["release"]), os.environ.get("PRETEND_VERSION") or version_now()
    try:
        notebook = json.loads(job["text"])
        pretend = notebook["metadata"]["pretend"]
    except (TypeError, ValueError, KeyError):
        return records.failed(job, "the file cannot be read", version, points)
    if pretend.get("sleep"):
        tempfile.mkdtemp(prefix="l2l")  # as a kernel's, which nobody removes if the worker is ended
    time.sleep(pretend.get("sleep", 0))
    if pretend.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if pretend.get("raise"):
        raise SystemExit(pretend["raise"])
    broken = pretend.get("no_kernel_once")  # a file, as below
    if broken and not Path(broken).exists():
        Path(broken).touch()
        return records.failed(job, "no kernel starts", version, points, machine=True)
    once = pretend.get("die_once")  # a file that says it has happened
    if once and not Path(once).exists():
        Path(once).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if pretend.get("nonsense"):
        return pretend["nonsense"]
    record = records.failed(job, "", version, points)
    record |= {"status": "graded", "seed": "ab", "flags": pretend.get("flags", [])}
    record["repairs"] = pretend.get("repairs", [])
    record["remarks"] = pretend.get("remarks", [])
    record["seconds"] |= {"start": 0.1, "import": 0.2, "cells": 0.3, "examination": 0.2, "all": 1.0}
    cells = {cell["id"]: cell for cell in copy.deepcopy(notebook)["cells"]}
    for question in record["questions"]:
        question["points"] = float(pretend["points"].get(question["question"], 0))
        question |= {"examined": True, "text": f"{question['question']}: so many points"}
    record["points"] = sum(question["points"] for question in record["questions"])
    earned = {question["question"]: question for question in record["questions"]}
    for cell in record["notebook"]["cells"]:
        question = earned.get(cell["id"].removeprefix("check_"))
        if cell["id"].startswith("check_") and question:
            cell["outputs"][0]["text"] = question["text"] + "\n"
            cell["outputs"][1]["data"]["text/plain"] = repr(question["points"])
        elif cell["id"] in cells and cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = source_of(cells[cell["id"]])
    return record


def nothing_alike(notebooks: dict, release: dict, left_out: dict) -> list:
    return []


def row(**changes) -> dict:
    """What the table is told of a student."""
    plain = {"student": "ann", "status": "graded", "points": 17.0, "out_of": 17.0, "why": ""}
    plain |= {"repairs": [], "flags": [], "outdated": [], "seconds": {"all": 3.0}}
    plain |= {"graded_now": True, "by_hand": 0.0, "late": 0, "penalty": 0.0, "total": None}
    plain |= {"undated": False, "called_late": "", "extended": False, "dated_by": ""}
    return plain | changes
