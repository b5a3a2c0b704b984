"""What students handed in, wherever it comes from, in nbgrader's folder of submissions.

The notebooks of a `delivery` are copied to ``submitted/STUDENT/ASSIGNMENT/NAME.ipynb``. What is
there already is never lost: an older submission stays beside the new one as ``NAME.ipynb.1``.

Nothing else of a delivery is copied, above all no ``timestamp.txt``: nbgrader takes it for the time
of hand-in, and in a delivery its student may have written it. So one that lies in nbgrader's folder
was put there by its exchange, or by the instructor.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ... import checks
from ...support.errors import InputError
from ...support.files import write_whole
from .. import notebooks
from ..questions import exercise_of
from ..release.build import short
from .course import Course, quiet
from .delivery import (
    FEEDBACK_SECRET,
    TIMESTAMP,
    Delivered,
    File,
    Refused,
    files_in,
    opened,
    read_file,
)
from .owners import by_student, usable

#: Who put a ``timestamp.txt`` into nbgrader's folder.
EXCHANGE, PERSON = "the exchange", "a person"


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Args:
        student: their id.
        text: of the notebook; None if it is missing or `problem` says why it cannot be read.
        problem: a sentence, or nothing.
        note: which of several notebooks this is, or nothing.
        timestamp: when it was handed in, in UTC; empty if that is not known.
        dated_by: who says so: `EXCHANGE`, `PERSON`, or ``--times``.
        late: who calls it late without saying when it came, such as Canvas, or nothing.
    """

    student: str
    text: str | None
    problem: str = ""
    note: str = ""
    timestamp: str = ""
    dated_by: str = ""
    late: str = ""


# To take a delivery


def take(source: Path, course: Course, assignment: str, pattern: str | None) -> Delivered:
    """Copy a delivery to nbgrader's folder of submissions.

    Args:
        source: a folder or a zip file.
        course: where it goes.
        assignment: which one it is.
        pattern: a regular expression that finds the student in a file's path, in a group
            ``student``; without it the shapes that Moodle, Canvas and nbgrader use are known.

    Raises:
        InputError: there is no such source, or it holds nothing that could be taken.
    """
    delivered = Delivered([], [], [])
    with opened(source, delivered.refused) as files:
        found = by_student(files, course.roster(), pattern, assignment, delivered)
        for student, theirs in sorted(found.items()):
            try:
                _take_from(student, theirs, course, assignment, delivered)
            except Refused as refused:
                delivered.refused.append(str(refused))
    if not delivered.students:
        why = "".join(f"\n  {line}" for line in delivered.refused[:20])
        raise InputError(f"{source} holds no notebook that could be taken{why}")
    return delivered


def _take_from(
    student: str, files: list[File], course: Course, assignment: str, delivered: Delivered
) -> None:
    """Take a student's notebook.

    Raises:
        Refused: there is none.
    """
    found = [file for file in files if file.name.endswith(".ipynb")]
    if not found:
        names = ", ".join(file.name for file in files)
        raise Refused(f"{names}: no notebook (.ipynb), and {student} handed in nothing else")
    _, content, note = _choose(found, assignment)
    folder = course.path("submitted", student, assignment)
    done = store(folder, f"{short(assignment)}.ipynb", content)
    own = [file.name for file in files if file.parts[-1].lower() == TIMESTAMP]
    unbelieved = f"{', '.join(own)} came with the work and is not believed; see --times"
    delivered.students.append(student)
    delivered.notes += [
        f"{student}: {text}" for text in (note, done, unbelieved if own else "") if text
    ]


def _choose(files: list[File], assignment: str) -> tuple[File, bytes, str]:
    """Of a student's notebooks the newest that is this assignment, its content, and a note.

    Raises:
        Refused: none can be read.
    """
    files, readable, refused = sorted(files, key=lambda file: (file.written, file.name)), [], []
    for file in files:
        try:
            readable.append((file, file.read()))
        except Refused as reason:
            refused.append(str(reason))
    if not readable:
        raise Refused("; ".join(refused))
    fitting = [(file, data) for file, data in readable if _is(data, file.parts[-1], assignment)]
    file, content = (fitting or readable)[-1]
    note = ""
    if len(files) > 1:
        kind = f"the newest that is {assignment}" if fitting else "the newest"
        note = f"{len(files)} notebooks; {file.name} was taken, {kind}"
        note += "".join(f"; {reason}" for reason in refused)
    return file, content, note


def _is(content: bytes, name: str, assignment: str) -> bool:
    """Whether a notebook is an assignment: by what it imports, its file's name, its questions."""
    try:
        cells = notebooks.cells(notebooks.parse(decode(content)))
        codes = [cell.source for cell in cells if cell.kind == "code"]
    except (ValueError, RecursionError, MemoryError):
        codes = []
    known = {name: lambda name=name: checks.get_check(name).points for name in checks.NAMES}
    return exercise_of(codes, [name], known) == short(assignment)


def decode(content: bytes) -> str:
    """The text of a file; what is no UTF-8 becomes a replacement character."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8", "replace")


def store(folder: Path, name: str, content: bytes) -> str:
    """Put a submission into nbgrader's folder; what it replaces stays beside it.

    Returns:
        What was done with an older one, or nothing.

    Raises:
        Refused: the folder is a link.
    """
    if folder.is_symlink() or folder.parent.is_symlink():
        raise Refused(f"{folder} is a symbolic link; submissions are not written through links")
    path, done = folder / name, ""
    if path.is_symlink() or not path.exists() or path.read_bytes() != content:
        time = _set_aside(folder / TIMESTAMP)  # it tells of the older one
        if kept := _set_aside(path):
            done = f"an older submission is kept as {kept.name}"
            done += f", its time as {time.name}" if time else ""
        write_whole(path, content)
    return done


def _set_aside(path: Path) -> Path | None:
    """Give a file that is in the way the next free number; None if there is none."""
    if not os.path.lexists(path):
        return None
    number = 1
    while os.path.lexists(kept := path.with_name(f"{path.name}.{number}")):
        number += 1
    os.rename(path, kept)
    return kept


# What lies in nbgrader's folder


def handed_in(course: Course, assignment: str) -> list[Submission]:
    """What each student handed in, from nbgrader's folder of submissions; it is only read."""
    students = course.students_in("submitted", assignment)
    return [_handed_in(student, course, assignment) for student in students if usable(student)]


def unusable(course: Course, assignment: str) -> list[str]:
    """The folders that are passed over since nbgrader cannot work with their names."""
    students = course.students_in("submitted", assignment)
    return [s for s in students if not usable(s) and not s.startswith(".")]


def _handed_in(student: str, course: Course, assignment: str) -> Submission:
    folder, name = course.path("submitted", student, assignment), f"{short(assignment)}.ipynb"
    if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
        return Submission(student, None, "the folder is a symbolic link, or no folder")
    timestamp, time_note = _timestamp(folder / TIMESTAMP)
    by = EXCHANGE if (folder / FEEDBACK_SECRET).is_file() else PERSON
    dated = (timestamp, by if timestamp else "")
    refused: list[str] = []
    files = [file for file in files_in(folder, refused) if file.name.endswith(".ipynb")]
    exact = [file for file in files if file.name == name]
    try:
        file, content, note = _choose(exact or files, assignment)
    except Refused as reason:
        why = _joined(str(reason), *refused)  # empty if nothing is there: the grader's to judge
        return Submission(student, None, why, time_note, *dated)
    if file.name != name and not note:
        note = f"{file.name} was taken, since there is no {name}"
    return Submission(student, decode(content), "", _joined(note, time_note), *dated)


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _utc(text: str) -> str:
    """A time as nbgrader keeps it: UTC, without saying so."""
    with quiet():
        from dateutil.parser import parse
        from nbgrader.utils import parse_utc

        if re.search(r"[+-]\d\d:?\d\d$", text):  # nbgrader takes +0200 for 200 seconds
            return str(parse_utc(parse(text)))
        return str(parse_utc(text))


def _timestamp(path: Path) -> tuple[str, str]:
    """When something was handed in, as nbgrader reads it, and a note if it cannot."""
    if not os.path.lexists(path):
        return "", ""
    try:
        text = read_file(path, TIMESTAMP)[:1000].decode("utf-8", "replace").strip()
        return (_utc(text), "") if text else ("", "")
    except Exception as error:  # a date can be wrong in many ways
        return "", f"{TIMESTAMP} cannot be read as a time ({error})"
