"""What is known of a graded submission: a *record*, plain JSON, one file for each student.

A record is written whole the moment it arrives, so a run that is stopped loses none, and the next
one goes on where it was: a record with the right key need not be made again.
"""

import copy
import hashlib
import json
import math
from pathlib import Path

from ...support.files import write_whole
from . import outputs

#: Of the record's form, and of how questions are drawn; a record of another one is made again.
FORMAT = 2

FOLDER = "graded"


def key_of(text: str | None, release: str, version: str, secret: str, package: str) -> str:
    """A digest of all that determines a grade.

    Args:
        text: of the submitted file; None if there is none.
        release: the text of the notebook that students were given.
        version: of the check.
        secret: of the assignment; only its digest counts.
        package: the version of `l2l_ref`.
    """
    digest = hashlib.sha256(secret.encode()).hexdigest()
    parts = [FORMAT, text, release, version, digest, package]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Records:
    """The records of an assignment on disk.

    Args:
        root: the folder that nbgrader works in.
        assignment: its name.
    """

    def __init__(self, root: Path, assignment: str):
        self.folder = root / FOLDER / assignment

    def path(self, student: str) -> Path:
        """Where a student's record is."""
        return self.folder / f"{student}.json"

    def write(self, record: dict) -> None:
        """Write a record whole; a lone surrogate in a student's text becomes a question mark.

        Raises:
            ValueError, TypeError, RecursionError: it cannot be written as JSON.
            CannotWrite: nor can any other.
        """
        text = json.dumps(record, ensure_ascii=False, allow_nan=False)
        write_whole(self.path(record["student"]), text.encode("utf-8", "replace"))

    def read(self, job: dict) -> dict | None:
        """The record that a job asks for, if it was made already."""
        try:
            record = json.loads(self.path(job["student"]).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return record if fault(record, job) is None else None


def fault(record: object, job: dict) -> str | None:
    """What keeps a record from being the answer to a job; None if nothing does."""
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        return f"it is no record of format {FORMAT}"
    for name in ("assignment", "student", "key"):
        if record.get(name) != job[name]:
            return f"its {name} is {record.get(name)!r}, not {job[name]!r}"
    if record.get("status") not in ("graded", "failed"):
        return f"its status is {record.get('status')!r}"
    if not isinstance(record.get("notebook"), dict):
        return "it has no notebook"
    if why := _unsound(record):
        return why
    questions = record.get("questions")
    if not isinstance(questions, list) or not all(map(_sound, questions)):
        return "its questions are not what they should be"
    return None


def _unsound(record: dict) -> str | None:
    """What of a record is not as those who read it expect; its questions are looked at apart."""
    if not all(isinstance(record.get(name), str) for name in ("why", "check_version")):
        return "it does not say why, or by which version of the check"
    if not all(_is_number(record.get(name)) for name in ("points", "out_of")):
        return "it has no points"
    if not all(_are(record.get(name), str) for name in ("repairs", "remarks")):
        return "its repairs or remarks are no text"
    flags = record.get("flags")
    if not _are(flags, dict) or not all(_are([f.get("cell"), f.get("reason")], str) for f in flags):
        return "its flags are not what they should be"
    seconds = record.get("seconds")
    if not isinstance(seconds, dict) or not all(map(_is_number, seconds.values())):
        return "its seconds are not what they should be"
    cells = record["notebook"].get("cells")
    if not _are(cells, dict) or not all(isinstance(cell.get("metadata"), dict) for cell in cells):
        return "its notebook has no cells"
    return None


def _are(values: object, kind: type) -> bool:
    """Whether it is a list of values of a kind."""
    return isinstance(values, list) and all(isinstance(value, kind) for value in values)


def _is_number(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


def _sound(question: object) -> bool:
    """Whether a question has points, and not too many."""
    try:
        points, out_of = float(question["points"]), float(question["out_of"])
    except (KeyError, TypeError, ValueError):
        return False
    return isinstance(question["question"], str) and 0 <= points <= out_of and math.isfinite(out_of)


def failed(
    job: dict,
    why: str,
    version: str,
    points: dict[str, float],
    notebook: dict | None = None,
    machine: bool = False,
) -> dict:
    """The record of a submission that could not be graded.

    Args:
        job: whose it is.
        why: a sentence.
        version: of the check.
        points: what each question is worth.
        notebook: what could be saved of it; the release where there is nothing.
        machine: is to blame, not the submission; the next run tries again.
    """
    text = f"not examined: {why}"
    return {
        "format": FORMAT,
        **{name: job[name] for name in ("assignment", "student", "key", "sandbox")},
        "seed": "",  # nothing was asked
        "check_version": version,
        "status": "failed",
        "why": why,
        "machine": machine,
        "repairs": [],
        "flags": [],
        "remarks": [],
        "points": 0.0,
        "out_of": round(sum(points.values()), 2),
        "questions": [
            {
                "question": question,
                "points": 0.0,
                "out_of": out_of,
                "text": text,
                "criteria": [],
                "examined": False,
            }
            for question, out_of in points.items()
        ],
        "seconds": dict.fromkeys(("start", "import", "cells", "examination", "all"), 0.0),
        "notebook": _without_points(notebook or notebook_of(job["release"]), text, points),
    }


def _without_points(notebook: dict, text: str, points: dict[str, float]) -> dict:
    """The notebook with a reason and no points at each check."""
    notebook = copy.deepcopy(notebook)
    checks = {f"check_{question}" for question in points}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            said = [outputs.stream(text + "\n"), outputs.result("0.0")]
            cell["outputs"] = said if cell.get("id") in checks else []
    return notebook


def notebook_of(release: str) -> dict:
    """The released notebook, from its text."""
    return json.loads(release)
