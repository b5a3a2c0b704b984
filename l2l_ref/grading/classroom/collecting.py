"""What students handed in, wherever it comes from, in nbgrader's folder of submissions.

A delivery is a folder or a zip file of a learning-management system; its notebooks are copied to
``submitted/STUDENT/ASSIGNMENT/NAME.ipynb``. What is there already is never lost: an older
submission stays beside the new one as ``NAME.ipynb.1``. Names and contents are the students', so
nothing of a delivery is believed: no link is followed, no path leaves the folder, nothing unpacks
without end.
"""

import contextlib
import os
import re
import stat
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from ... import checks
from ...support.errors import InputError
from ...support.files import write_whole
from .. import notebooks
from ..questions import exercise_of
from ..release.build import short
from .course import Course, quiet

MIB = 2**20

#: Bytes of a notebook that are read. Solved, the course's have 40 kB; pictures may add megabytes.
LARGEST = 64 * MIB

#: Bytes that a zip file may hold in notebooks, and the files in it.
LARGEST_DELIVERY, MOST_FILES = 4096 * MIB, 20_000

#: Characters of a student's id; with an ending it has to be the name of a file.
LONGEST_ID = 120

TIMESTAMP = "timestamp.txt"

#: Moodle's folders: Full Name_1234567_assignsubmission_file_
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_\w+", re.ASCII)
#: Canvas' files: lastfirst_12345_67890_leaf_tensors.ipynb, lastfirst_LATE_12345_67890_...
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<number>\d+)_\d+_.+")


class Refused(InputError):
    """A file of a delivery that is not taken; the message says why."""


@dataclass(frozen=True)
class File:
    """A file in a delivery.

    Args:
        name: its path there, with ``/``.
        written: when it was last written, as text that sorts by time.
        read: returns its bytes, or raises `Refused`.
    """

    name: str
    written: str
    read: Callable[[], bytes]

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders that it is in, and its own name."""
        return PurePosixPath(self.name).parts


@dataclass
class Delivered:
    """What came of a delivery.

    Args:
        students: whose notebooks were taken.
        notes: what somebody should know, a sentence each.
        refused: the files that were not taken, with the reason.
    """

    students: list[str]
    notes: list[str]
    refused: list[str]


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Args:
        student: their id.
        text: of the notebook; None if it is missing or `problem` says why it cannot be read.
        problem: a sentence, or nothing.
        note: which of several notebooks this is, or nothing.
        timestamp: when it was handed in, as `timestamp.txt` says; empty if that says nothing.
    """

    student: str
    text: str | None
    problem: str = ""
    note: str = ""
    timestamp: str = ""


# A delivery


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
    with _opened(source, delivered.refused) as files:
        by_student = _by_student(files, course.roster(), pattern, assignment, delivered)
        for student, theirs in sorted(by_student.items()):
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
        names = ", ".join(file.name for file in files if file.parts[-1] != TIMESTAMP)
        raise Refused(f"{names}: no notebook (.ipynb), and {student} handed in nothing else")
    file, content, note = _choose(found, assignment)
    folder = course.path("submitted", student, assignment)
    beside = str(PurePosixPath(file.name).with_name(TIMESTAMP))
    times = [other.read() for other in files if other.name == beside and len(file.parts) > 1]
    done = store(folder, f"{short(assignment)}.ipynb", content, times[0] if times else None)
    delivered.students.append(student)
    delivered.notes += [f"{student}: {text}" for text in (note, done) if text]


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


def store(folder: Path, name: str, content: bytes, timestamp: bytes | None) -> str:
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
        _set_aside(folder / TIMESTAMP)  # it tells of the older one
        if kept := _set_aside(path):
            done = f"an older submission is kept as {kept.name}"
        write_whole(path, content)
    if timestamp is not None:
        write_whole(folder / TIMESTAMP, timestamp)
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


# The files of a delivery


@contextlib.contextmanager
def _opened(source: Path, refused: list[str]) -> Iterator[list[File]]:
    """The files of a delivery, as long as it is open; hidden ones are passed over.

    Raises:
        InputError: there is no such delivery, or it is neither a folder nor a zip file.
    """
    if source.is_dir():
        yield list(_in_folder(source, refused))
        return
    if not source.is_file():
        raise InputError(f"there is no file or folder {source}")
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{source} is neither a folder nor a zip file: {error}") from None
    with archive:
        yield _without_wrapping(list(_in_zip(archive, refused)), source.stem)


def _hidden(parts: Iterable[str]) -> bool:
    """Whether a file is an editor's or a system's own."""
    return any(part[0] == "." or part == "__MACOSX" for part in parts)


def _in_folder(source: Path, refused: list[str]) -> Iterator[File]:
    for folder, below, names in os.walk(source):
        for name in [name for name in below if (Path(folder) / name).is_symlink()]:
            refused.append(f"{Path(folder, name).relative_to(source)}: a symbolic link")
        for name in sorted(names):
            path = Path(folder) / name
            shown = path.relative_to(source).as_posix()
            if _hidden(PurePosixPath(shown).parts):
                continue
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                refused.append(f"{shown}: {_kind(status.st_mode)}, not a file")
                continue
            when = datetime.fromtimestamp(status.st_mtime).isoformat()
            yield File(shown, when, lambda path=path, shown=shown: read_file(path, shown))


def _kind(mode: int) -> str:
    return "a symbolic link" if stat.S_ISLNK(mode) else "a pipe or device"


def read_file(path: Path, shown: str) -> bytes:
    """The bytes of a file that is nothing else.

    Raises:
        Refused: it is a link, a pipe, too large, or cannot be read.
    """
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"{shown}: {_kind(status.st_mode)}, not a file")
        with open(path, "rb") as file:
            return _bounded(file, shown)
    except OSError as error:
        raise Refused(f"{shown}: {error.strerror or error}") from None


def _bounded(file, shown: str) -> bytes:
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(f"{shown}: larger than {LARGEST // MIB} MiB")
    return content


class _Budget:
    """What may still be unpacked from a zip file."""

    def __init__(self):
        self.left = LARGEST_DELIVERY

    def read(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
        """Unpack a file into memory, and no more of it than it may have."""
        shown = entry.filename
        if self.left <= 0:
            raise Refused(f"{shown}: the zip file unpacks to more than {LARGEST_DELIVERY} bytes")
        try:
            with archive.open(entry) as file:
                content = _bounded(file, shown)
        except Refused:
            self.left -= LARGEST
            raise
        except Exception as error:  # whatever zipfile and its decompressors raise on a broken file
            raise Refused(f"{shown}: cannot be unpacked ({error})") from None
        self.left -= len(content)
        return content


def _in_zip(archive: zipfile.ZipFile, refused: list[str]) -> Iterator[File]:
    entries, budget = archive.infolist(), _Budget()
    if len(entries) > MOST_FILES:
        raise InputError(f"the zip file holds {len(entries):,} files; {MOST_FILES:,} are too many")
    for entry in entries:
        name = entry.filename
        parts = PurePosixPath(name).parts
        if entry.is_dir() or not parts:
            continue
        if why := _unfit(entry, parts):
            refused.append(f"{name}: {why}")
        elif not _hidden(parts):
            when = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*entry.date_time)
            yield File("/".join(parts), when, lambda entry=entry: budget.read(archive, entry))


def _unfit(entry: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    """Why a file of a zip is not taken; nothing if it is."""
    kind = entry.external_attr >> 16
    if entry.flag_bits & 1:
        return "encrypted"
    if stat.S_IFMT(kind) not in (0, stat.S_IFREG):
        return "a symbolic link or device"
    if parts[0].startswith("/") or re.match(r"[A-Za-z]:", parts[0]):
        return "an absolute path"
    if ".." in parts or "\\" in entry.filename:
        return "a path that may lead out of its folder"
    return ""


def _without_wrapping(files: list[File], stem: str) -> list[File]:
    """Files without the folder that a zip file is made of and named after."""
    if files and all(len(file.parts) > 1 and file.parts[0] == stem for file in files):
        return [File("/".join(file.parts[1:]), file.written, file.read) for file in files]
    return files


# Whose it is


@dataclass(frozen=True)
class Owner:
    """What a file's path says about its student.

    Args:
        kind: ``plain``, ``moodle`` or ``canvas``.
        name: as written there.
        number: the system's own, or nothing.
        late: whether the system calls it late.
    """

    kind: str
    name: str
    number: str = ""
    late: bool = False


def _by_student(
    files: list[File],
    roster: Mapping[str, str],
    pattern: str | None,
    assignment: str,
    delivered: Delivered,
) -> dict[str, list[File]]:
    """Files by the id of their student; what belongs to nobody, or to two, is refused."""
    finder = _finder(pattern)
    by_owner: dict[Owner, list[File]] = defaultdict(list)
    late: set[Owner] = set()
    for file in files:
        owner = finder(file)
        if owner is None or owner.name in (short(assignment), assignment):
            delivered.refused.append(f"{file.name}: no student in its path; see --student-pattern")
            continue
        plain = Owner(owner.kind, owner.name, owner.number)
        by_owner[plain].append(file)
        late |= {plain} if owner.late else set()
    ids = {owner: _id_of(owner, by_owner, roster) for owner in by_owner}
    shared = defaultdict(list)
    for owner, student in ids.items():
        shared[student].append(owner)
    found = {}
    for student, owners in shared.items():
        theirs = [file for owner in owners for file in by_owner[owner]]
        names = ", ".join(sorted(owner.name for owner in owners))
        if not student:
            delivered.refused += [f"{file.name}: no usable name of a student" for file in theirs]
        elif len(owners) > 1:
            delivered.refused += [
                f"{file.name}: {names} would all be the student {student!r}; tell them apart with "
                "--student-pattern"
                for file in theirs
            ]
        else:
            found[student] = theirs
            delivered.notes += _about(owners[0], student, owners[0] in late)
    return found


def _about(owner: Owner, student: str, late: bool) -> Iterator[str]:
    """What an instructor should know about how a student was found."""
    if student != owner.name:
        yield f"{student}: handed in as {owner.name!r}"
    if late:
        yield f"{student}: Canvas calls this late; for a penalty, write the time to {TIMESTAMP}"


def _finder(pattern: str | None) -> Callable[[File], Owner | None]:
    """What finds the owner of a file.

    Raises:
        InputError: the pattern is no regular expression with a group ``student``.
    """
    if pattern is None:
        return _owner
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise InputError(
            f"--student-pattern {pattern!r} is no regular expression: {error}"
        ) from None
    if "student" not in expression.groupindex:
        raise InputError(f"--student-pattern {pattern!r} has no group (?P<student>...)")

    def find(file: File) -> Owner | None:
        match = expression.search(file.name)
        return Owner("plain", match["student"]) if match and match["student"] else None

    return find


def _owner(file: File) -> Owner | None:
    """The owner of a file in one of the shapes that are known."""
    for part in file.parts[:-1]:
        if match := MOODLE.fullmatch(part):
            return Owner("moodle", match["name"], match["number"])
    if len(file.parts) > 1:
        return Owner("plain", file.parts[0])
    if match := CANVAS.fullmatch(file.parts[-1]):
        return Owner("canvas", match["name"], match["number"], bool(match["late"]))
    return Owner("plain", file.parts[-1].split(".ipynb")[0])


def _id_of(owner: Owner, owners: Iterable[Owner], roster: Mapping[str, str]) -> str:
    """The id of a student: the one on the roster where one fits, else a safe form of the name.

    Moodle's number is another one in every assignment, so it serves only to tell two students of
    one name apart. Canvas' number is the student's own.
    """
    if owner.kind == "canvas":
        known = [name for name in (owner.number, owner.name) if name in roster]
        return known[0] if known else owner.number
    if owner.kind == "moodle":
        namesakes = [other for other in owners if other.name == owner.name]
        if len(namesakes) > 1:
            return safe(f"{owner.name} {owner.number}")
        full = safe(owner.name)
        known = [student for student, name in roster.items() if safe(name) == full]
        return known[0] if len(known) == 1 else full
    return safe(owner.name)


def safe(name: str) -> str:
    """A student's id that can be the name of a folder anywhere; empty if nothing is left of it.

    Letters of all alphabets stay. Separators, what nbgrader gives a meaning to (``+`` and a
    shell's patterns), control characters, and what a spreadsheet takes for a formula go.
    """
    name = unicodedata.normalize("NFC", name)
    kept = ("_" if _has_a_meaning(character) else character for character in name)
    joined = re.sub(r"\s+", " ", "".join(kept)).lstrip(" .-=@").rstrip(" .")
    return joined if len(joined) <= LONGEST_ID and len(joined.encode()) <= 2 * LONGEST_ID else ""


def _has_a_meaning(character: str) -> bool:
    control = unicodedata.category(character)[0] == "C" and not character.isspace()
    return control or character in '/\\+*?[]{}:"<>|,'


# What lies in nbgrader's folder


def handed_in(course: Course, assignment: str) -> list[Submission]:
    """What each student handed in, from nbgrader's folder of submissions; it is only read."""
    students = course.students_in("submitted", assignment)
    return [_handed_in(student, course, assignment) for student in students if usable(student)]


def unusable(course: Course, assignment: str) -> list[str]:
    """The folders that are passed over since nbgrader cannot work with their names."""
    students = course.students_in("submitted", assignment)
    return [s for s in students if not usable(s) and not s.startswith(".")]


def usable(student: str) -> bool:
    """Whether nbgrader takes a student's id for itself, not for a pattern of many."""
    short_enough = len(student.encode("utf-8", "replace")) <= 2 * LONGEST_ID
    return student[0] != "." and not set(student) & set("[]*?") and short_enough


def _handed_in(student: str, course: Course, assignment: str) -> Submission:
    folder, name = course.path("submitted", student, assignment), f"{short(assignment)}.ipynb"
    if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
        return Submission(student, None, "the folder is a symbolic link, or no folder")
    timestamp, time_note = _timestamp(folder / TIMESTAMP)
    refused: list[str] = []
    files = [file for file in _in_folder(folder, refused) if file.name.endswith(".ipynb")]
    exact = [file for file in files if file.name == name]
    try:
        file, content, note = _choose(exact or files, assignment)
    except Refused as reason:
        why = _joined(str(reason), *refused)  # empty if nothing is there: the grader's to judge
        return Submission(student, None, why, time_note, timestamp)
    if file.name != name and not note:
        note = f"{file.name} was taken, since there is no {name}"
    return Submission(student, decode(content), "", _joined(note, time_note), timestamp)


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
