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
from ..ending import raise_if_machines, said_of
from ..printable import beginning
from ..questions import exercise_of
from ..release.build import short
from ..submission.definitions import READ
from ..submission.limits import TooLong, at_most
from .course import Course, quiet
from .delivery import (
    FEEDBACK_SECRET,
    LARGEST_OF_ONE,
    MIB,
    MOST_OF_ONE,
    SHOWN,
    TIMESTAMP,
    Delivered,
    File,
    Refused,
    few,
    files_in,
    opened,
    read_file,
    shown,
)
from .owners import by_student, usable

#: Bytes of a notebook that is read to see which assignment it is, and seconds for that.
LOOKED_INTO, LOOKING = 16 * MIB, 10.0

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
    with opened(source, delivered) as files:
        found = by_student(files, course.roster(), pattern, assignment, delivered)
        for student, theirs in sorted(found.items()):
            try:
                _take_from(student, theirs, course, assignment, delivered)
            except Refused as refused:
                delivered.refused.append(str(refused))
            except Exception as error:  # whatever it is, it is this student's
                raise_if_machines(error)
                delivered.refused.append(f"{student}: {said_of(error)}")
    delivered.refused = few(delivered.refused)
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
        names = _named(files)
        raise Refused(f"{names}: no notebook (.ipynb), and {student} handed in nothing else")
    _, content, note = _choose(found, assignment)
    folder = course.path("submitted", student, assignment)
    done = store(folder, f"{short(assignment)}.ipynb", content)
    own = [file for file in files if file.parts[-1].lower() == TIMESTAMP]
    unbelieved = f"{_named(own)} came with the work and is not believed; see --times"
    delivered.students.append(student)
    delivered.notes += [
        f"{student}: {text}" for text in (note, done, unbelieved if own else "") if text
    ]


def _named(files: list[File]) -> str:
    """The paths of some files, the first three of many."""
    more = [f"and {len(files) - 3:,} more"] if len(files) > 3 else []
    return ", ".join([shown(file.name) for file in files[:3]] + more)


def _choose(files: list[File], assignment: str) -> tuple[File, bytes, str]:
    """Of a student's notebooks the newest that is this assignment, its content, and a note.

    The newest come first, and no more than a student may have: `MOST_OF_ONE`, `LARGEST_OF_ONE`.

    Raises:
        Refused: none can be read.
    """
    newest = sorted(files, key=lambda file: (file.written, file.name), reverse=True)
    taken, fits, refused, looked, size = None, False, [], 0, 0
    for file in newest[:MOST_OF_ONE]:
        if size >= LARGEST_OF_ONE or fits:
            break
        looked += 1
        try:
            content = file.read()
        except Refused as reason:
            refused.append(str(reason))
            continue
        size += len(content)
        fits = len(files) > 1 and _is(content, file.parts[-1], assignment)
        if taken is None or fits:
            taken = file, content
    if taken is None:
        raise Refused("; ".join(_first(refused)))
    note = ""
    if len(files) > 1:
        kind = f"the newest that is {assignment}" if fits else "the newest"
        note = f"{len(files):,} notebooks; {shown(taken[0].name)} was taken, {kind}"
        if not fits and looked < len(files):
            note += f" ({len(files) - looked:,} were not looked at, for one student has too many)"
        note = "; ".join([note, *_first(refused)])
    return *taken, note


def _first(reasons: list[str]) -> list[str]:
    more = [f"so it is with {len(reasons) - 3:,} more"] if len(reasons) > 3 else []
    return reasons[:3] + more


def _is(content: bytes, name: str, assignment: str) -> bool:
    """Whether a notebook is an assignment: by what it imports, its file's name, its questions.

    It is read here, for all students, so one that takes long or is very large is told by its name.
    """
    try:
        with at_most(LOOKING):
            codes = _codes(content) if len(content) <= LOOKED_INTO else []
            return exercise_of(codes, [name], _known()) == short(assignment)
    except TooLong:
        return exercise_of([], [name], _known()) == short(assignment)


def _codes(content: bytes) -> list[str]:
    """The code cells of a notebook, as far as they can be read."""
    try:
        cells = notebooks.cells(notebooks.parse(decode(content)))
    except (ValueError, RecursionError, MemoryError):
        return []
    return [cell.source for cell in cells if cell.kind == "code" and len(cell.source) <= READ]


def _known() -> dict:
    return {name: lambda name=name: checks.get_check(name).points for name in checks.NAMES}


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
    return [_looked_at(student, course, assignment) for student in students if usable(student)]


def _looked_at(student: str, course: Course, assignment: str) -> Submission:
    """What a student handed in; if it cannot be looked at, that is what is wrong with it."""
    try:
        return _handed_in(student, course, assignment)
    except Exception as error:  # whatever it is, it is this student's
        raise_if_machines(error)
        return Submission(student, None, said_of(error))


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
        why = _joined(
            str(reason), *_first(refused)
        )  # empty if nothing is there: the grader's to judge
        return Submission(student, None, why, time_note, *dated)
    if file.name != name and not note:
        note = f"{shown(file.name)} was taken, since there is no {name}"
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
        return "", f"{TIMESTAMP} cannot be read as a time ({beginning(str(error), SHOWN)})"
