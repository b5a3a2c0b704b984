"""Records into nbgrader's gradebook, by nbgrader's own converter; one process writes.

A record's notebook goes to ``.nbgrader/repaired/STUDENT/ASSIGNMENT/``. From there nbgrader's
Autograde takes it as it takes a submission, but runs nothing: the outputs are there. It makes the
rows that formgrader, feedback and export read.

What makes it safe to be stopped at any moment: the autograded notebook says what it was made from,
and it is written after the scores were committed. Where it says the right thing and the rows agree,
nothing is done; otherwise all is done again, which changes no row twice.
"""

import copy
import glob
import hashlib
import json
from collections.abc import Mapping

from ...support.errors import InputError
from ...support.files import write_whole
from .. import notebooks
from ..printable import beginning, fenced, printable
from ..release.build import short
from .course import Course, quiet
from .delivery import FEEDBACK_SECRET, TIMESTAMP, Refused, read_file

REPAIRED = "repaired"

#: What nbgrader rounds to nothing: points have two digits.
ROUNDING = 0.005


#: Characters of a comment; a student's text may be in it.
COMMENT = 5000


class GradebookWriter:
    """What enters the records of an assignment.

    Args:
        course: whose gradebook it is.
        assignment: its name; it must be in the gradebook.
    """

    def __init__(self, course: Course, assignment: str):
        self.course, self.assignment, self.name = course, assignment, short(assignment)
        with quiet():
            from nbgrader.apps import NbGraderAPI

            from . import plugins

            self.plugins = plugins
            self.api = NbGraderAPI(config=_config(course.config))
        self.rows = self._rows()

    def enter(self, record: dict, flags: list[dict], timestamp: str) -> str:
        """Enter a record, unless it is there already.

        Args:
            record: of a submission.
            flags: what a person should look at, ``{"cell", "reason"}`` each.
            timestamp: when it was handed in, as nbgrader reads it, or nothing; for what nbgrader
                does with its file. That of the gradebook is `lateness.settle`'s to set.

        Returns:
            What went wrong, or nothing.
        """
        student = record["student"]
        note = _note(record, flags, self._mark(record, flags, timestamp))
        rows, before = self.rows.get(student, {}), self._before(student)
        expected = _expected(record)
        if before.get("mark") == note["mark"] and _agree(rows, expected):
            return ""
        note |= self._decided(record, note, rows, expected)
        self._put(record, note, timestamp)
        with quiet():
            done = self.api.autograde(self.assignment, glob.escape(student))
        if not done["success"]:
            if "KeyboardInterrupt" in done["error"].splitlines()[-1]:
                raise KeyboardInterrupt  # nbgrader keeps it to itself
            return f"nbgrader could not enter it: {_last_line(done)}"
        self.rows |= self._rows(student)
        if not _agree(self.rows.get(student, {}), expected):
            return f"the gradebook does not hold what was graded; it should be {expected}"
        return ""

    def _mark(self, record: dict, flags: list[dict], timestamp: str) -> str:
        """A digest of all that is entered."""
        said = json.dumps([record, flags, timestamp], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    def _rows(self, student: str | None = None) -> dict[str, dict[str, dict]]:
        """What the gradebook holds, by student and the grade's name; of all, or of one."""
        from nbgrader import api

        with self.course.gradebook() as book:
            query = (
                book.db.query(
                    api.SubmittedAssignment.student_id,
                    api.BaseCell.name,
                    api.Grade.auto_score,
                    api.Grade.manual_score,
                    api.Grade.needs_manual_grade,
                )
                .select_from(api.Grade)
                .join(api.BaseCell, api.BaseCell.id == api.Grade.cell_id)
                .join(api.SubmittedNotebook, api.SubmittedNotebook.id == api.Grade.notebook_id)
                .join(
                    api.SubmittedAssignment,
                    api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id,
                )
                .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
                .filter(api.Assignment.name == self.assignment)
            )
            if student is not None:
                query = query.filter(api.SubmittedAssignment.student_id == student)
            rows: dict[str, dict[str, dict]] = {}
            for whose, name, auto, manual, needed in query:
                rows.setdefault(whose, {})[name] = {
                    "auto": auto,
                    "manual": manual,
                    "needed": bool(needed),
                }
            return rows

    def _before(self, student: str) -> dict:
        """What the autograded notebook says that it was made from."""
        return _metadata(self._autograded(student), self.plugins.DONE)

    def _autograded(self, student: str) -> dict:
        folder = self.course.path("autograded", student, self.assignment)
        return _read(folder / f"{self.name}.ipynb")

    def _decided(self, record: dict, note: dict, rows: dict, expected: dict) -> dict:
        """What becomes of the decisions of persons.

        nbgrader asks for each of them again when it grades anew. Here it does only if the answer,
        the automatic score or a comment on it has changed. What was decided before this entry began
        is in its note, should an earlier attempt have been cut short.

        Returns:
            ``looked``: the grades on which a decision still stands. ``outdated``: the others that
            have a score by hand, each with what has changed since.
        """
        student = record["student"]
        started = _metadata(_read(self._repaired(student)), self.plugins.NOTE)
        if started.get("mark") == note["mark"]:
            return {name: started[name] for name in ("looked", "outdated")}
        old = self._autograded(student)
        before = _metadata(old, self.plugins.DONE)
        was, now = _sources(old), _sources(record["notebook"])
        looked, outdated = [], {}
        for name, row in rows.items():
            cell, by_hand = name.removeprefix("check_"), row["manual"] is not None
            if not by_hand and name not in before.get("look", []):
                continue
            why = ""
            if cell not in was or was[cell] != now.get(cell):
                why = "an earlier answer"
            elif name in expected and not _close(row["auto"], expected[name]):
                why = "another automatic score"
            elif before.get("comments", {}).get(cell) != note["comments"].get(cell):
                why = "other flags"
            elif row["needed"]:
                why = before.get("outdated", {}).get(name, "")
            if not why and not row["needed"]:
                looked.append(name)
            elif by_hand and why:
                outdated[name] = why
        return {"looked": looked, "outdated": outdated}

    def outdated(self, student: str) -> list[str]:
        """Scores by hand that a person has to look at again, each with what they were given to."""
        rows = self.rows.get(student, {})
        asked = {n: row for n, row in rows.items() if row["needed"] and row["manual"] is not None}
        why = self._before(student).get("outdated", {}) if asked else {}
        return [
            f"{name.removeprefix('check_')} {row['manual']:g} (to {why[name]})"
            for name, row in sorted(asked.items())
            if name in why
        ]

    def _repaired(self, student: str):
        return self.course.path(REPAIRED, student, self.assignment) / f"{self.name}.ipynb"

    def _put(self, record: dict, note: dict, timestamp: str) -> None:
        """Write what nbgrader is to read."""
        path = self._repaired(record["student"])
        notebook = copy.deepcopy(record["notebook"])
        metadata = notebook.get("metadata")
        notebook["metadata"] = dict(metadata) if isinstance(metadata, dict) else {}
        notebook["metadata"].pop(self.plugins.DONE, None)
        notebook["metadata"][self.plugins.NOTE] = note
        notebook["cells"] = [*_told(record), *notebook["cells"]]
        if timestamp:
            write_whole(path.with_name(TIMESTAMP), timestamp)
        else:
            path.with_name(TIMESTAMP).unlink(missing_ok=True)
        self._take_along(record["student"], FEEDBACK_SECRET)
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        write_whole(path, text.encode("utf-8", "replace"))

    def _take_along(self, student: str, name: str) -> None:
        """Copy a file of a submission, where there is one."""
        submitted = self.course.path("submitted", student, self.assignment)
        path = self._repaired(student).with_name(name)
        try:
            write_whole(path, read_file(submitted / name, name))
        except Refused:
            path.unlink(missing_ok=True)


def _config(config):
    """The course's settings, changed so that Autograde enters and runs nothing."""
    from nbgrader import preprocessors as steps

    from .plugins import ForHumans

    config = copy.deepcopy(config)
    config.CourseDirectory.submitted_directory = REPAIRED
    config.Autograde.sanitize_preprocessors = [  # ClearOutput is left out
        steps.OverwriteKernelspec,
        steps.OverwriteCells,
        steps.CheckCellMetadata,
    ]
    config.Autograde.autograde_preprocessors = [
        steps.SaveAutoGrades,  # penalties are for `lateness` to set, after all that they depend on
        ForHumans,
        steps.CheckCellMetadata,
    ]
    return config


def _note(record: dict, flags: list[dict], mark: str) -> dict:
    """What `plugins.ForHumans` is to enter.

    A failed submission is a person's as a whole. A flag asks for the cell that it names; one that
    names none, or a cell that has no grade, for the first question.
    """
    questions = [question["question"] for question in record["questions"]]
    graded = _graded_cells(record["notebook"])
    first = questions[0] if questions else ""
    comments: dict[str, list[str]] = {}
    look: list[str] = []
    if record["status"] == "failed":
        comments.setdefault(first, []).append(
            f"This could not be graded: {record['why'].rstrip('.')}."
        )
        look += graded
    for flag in flags:
        named = str(flag["cell"]).removeprefix("check_")
        cell = named if named in questions or named in graded else first
        comments.setdefault(cell, []).append(
            f"A person looks at this: {flag['reason'].rstrip('.')}."
        )
        look += [name for name in (f"check_{cell}", cell) if name in graded]
    return {
        "mark": mark,
        "failed": record["status"] == "failed",
        "comments": {
            cell: beginning(" ".join(dict.fromkeys(texts)), COMMENT)
            for cell, texts in comments.items()
        },
        "look": list(dict.fromkeys(look)),
        "looked": [],
        "outdated": {},
    }


def _told(record: dict) -> list[dict]:
    """A cell in front of the notebook: what was repaired, and what went wrong when it ran."""
    why = [f"This could not be graded: {record['why']}"] if record["status"] == "failed" else []
    lines = [*why, *record["repairs"], *record["remarks"]]
    if not lines:
        return []
    text = "\n".join(map(printable, lines))
    source = f"**What happened when this was graded**\n\n{fenced(text)}"
    return [{"cell_type": "markdown", "id": "what_happened", "metadata": {}, "source": source}]


def _graded_cells(notebook: dict) -> list[str]:
    """The grade_ids of the cells that earn points."""
    found = (cell["metadata"].get("nbgrader") for cell in notebook.get("cells", []))
    return [cell["grade_id"] for cell in found if cell and (cell.get("grade") or cell.get("task"))]


def _expected(record: dict) -> dict[str, float | None]:
    """The automatic scores that the gradebook should hold; None is unknown, which is not zero."""
    known = record["status"] == "graded"
    return {
        f"check_{question['question']}": float(question["points"]) if known else None
        for question in record["questions"]
    }


def _agree(rows: Mapping[str, dict], expected: Mapping[str, float | None]) -> bool:
    """Whether the gradebook holds the automatic scores that it should."""
    return all(name in rows and _close(rows[name]["auto"], expected[name]) for name in expected)


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < ROUNDING


def _read(path) -> dict:
    """A notebook of nbgrader's; empty where there is none, or half of one."""
    try:
        return notebooks.read(path)
    except InputError:
        return {}


def _metadata(notebook: dict, name: str) -> dict:
    value = notebook.get("metadata", {}).get(name)
    return value if isinstance(value, dict) else {}


def _sources(notebook: dict) -> dict[str, str]:
    """What the cells that nbgrader knows say."""
    return {
        cell["metadata"]["nbgrader"].get("grade_id", ""): "".join(cell["source"])
        for cell in notebook.get("cells", [])
        if cell.get("metadata", {}).get("nbgrader")
    }


def _last_line(done: dict) -> str:
    """What nbgrader's log says at its end."""
    lines = [line for line in (done.get("error") or done.get("log") or "").splitlines() if line]
    errors = [line for line in (done.get("log") or "").splitlines() if "Error" in line]
    return (errors or lines or ["it does not say why"])[-1].strip()
