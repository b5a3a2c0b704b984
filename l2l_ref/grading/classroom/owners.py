"""Whose a file of a delivery is, and the ids that students have in the course.

Moodle, Canvas and nbgrader write students into paths in shapes of their own; the roster may know
them by another id.

Only the outermost place says whose a file is, for what is further in is the student's to name. A
name of somebody else there is shown to the instructor and decides nothing.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ...support.errors import InputError
from ..printable import is_text
from ..release.build import short
from .delivery import Delivered, File, shown, unwrapped

#: Characters of a student's id; with an ending it has to be the name of a file.
LONGEST_ID = 120

#: Students named within another one's files who are shown; a student may name a thousand.
SHOWN_OTHERS = 3

#: Moodle's folders: Full Name_1234567_assignsubmission_file_
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_\w+", re.ASCII)
#: Canvas' files: lastfirst_12345_67890_leaf_tensors.ipynb, lastfirst_LATE_12345_67890_...
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<number>\d+)_\d+_.+")


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


def by_student(
    files: list[File],
    roster: Mapping[str, str],
    pattern: str | None,
    assignment: str,
    delivered: Delivered,
) -> dict[str, list[File]]:
    """Files by the id of their student; what belongs to nobody, or to two, is refused."""
    finder = _finder(pattern)
    if pattern is None:
        files = _unwrapped(files, roster, delivered)
    by_owner: dict[Owner, list[File]] = defaultdict(list)
    late: set[Owner] = set()
    for file in files:
        owner = finder(file)
        if owner is None or owner.name in (short(assignment), assignment):
            delivered.refused.append(
                f"{shown(file.name)}: no student in its path; see --student-pattern"
            )
            continue
        if not is_text(owner.name):
            delivered.refused.append(
                f"{shown(file.name)}: the student's name is no UTF-8 text; rename the folder, or "
                "hand over the zip file itself"
            )
            continue
        plain = Owner(owner.kind, owner.name, owner.number)
        by_owner[plain].append(file)
        late |= {plain} if owner.late else set()
    ids = {owner: _id_of(owner, by_owner, roster) for owner in by_owner}
    shared = defaultdict(list)
    for owner, student in ids.items():
        shared[student].append(owner)
    found = {}
    for student, claiming in shared.items():
        owners = _certain(claiming, student, roster)
        delivered.refused += [
            f"{shown(file.name)}: {shown(owner.name)} is no certain name of the student "
            f"{student!r}, who is in this delivery as {shown(owners[0].name)}"
            for owner in claiming
            if owner not in owners
            for file in by_owner[owner]
        ]
        theirs = [file for owner in owners for file in by_owner[owner]]
        names = ", ".join(sorted(shown(owner.name) for owner in owners))
        if not student:
            delivered.refused += [
                f"{shown(file.name)}: no usable name of a student" for file in theirs
            ]
        elif len(owners) > 1:
            delivered.refused += [
                f"{shown(file.name)}: {names} would all be the student {student!r}; tell them "
                "apart with --student-pattern"
                for file in theirs
            ]
        else:
            found[student] = theirs
            delivered.notes += _about(owners[0], student)
            delivered.late |= {student: "Canvas"} if owners[0] in late else {}
    others = {owner.name: student for owner, student in ids.items() if student}
    others |= {name: student for student, name in roster.items() if name}
    others |= {student: student for student in [*roster, *found]}
    for student, theirs in found.items():
        delivered.doubts += _contradictions(student, theirs, others, pattern)
    return found


def _unwrapped(files: list[File], roster: Mapping[str, str], delivered: Delivered) -> list[File]:
    """Files without a folder around all of them, which is nobody's and holds students' alone."""
    around = {file.parts[0] for file in files}
    if len(around) != 1 or any(len(file.parts) < 2 for file in files):
        return files
    known = {*roster, *roster.values()}
    if MOODLE.fullmatch(wrapping := around.pop()) or wrapping in known:
        return files
    inside = {file.parts[1] for file in files}
    if not all(MOODLE.fullmatch(part) or part in known for part in inside):
        return files
    return unwrapped(files, delivered)


def _contradictions(
    student: str, files: list[File], others: Mapping[str, str], pattern: str | None
) -> list[str]:
    """What names somebody else further in; the file stays with the owner of its outermost place.

    Args:
        others: the ids of all students, by each name that they have.
        pattern: that found the owner.
    """
    found = {}
    for file in files:
        named = [others.get(name, name) for name in _named_within(file, pattern) if is_text(name)]
        named = [other for other in named if other in others and other != student]
        found |= {other: file for other in named if other not in found}
    lines = [
        f"{student}: {shown(file.name)} names {shown(other)} further in; it counts as handed in by "
        f"{student}, whose place it came from: look at whose it is"
        for other, file in list(found.items())[:SHOWN_OTHERS]
    ]
    more = len(found) - SHOWN_OTHERS
    return lines + ([f"{student}: {more:,} more are named further in"] if more > 0 else [])


def _named_within(file: File, pattern: str | None) -> Iterator[str]:
    """All that may name a student behind the place that tells whose a file is."""
    if pattern is not None:
        matches = re.finditer(pattern, file.name)
        yield from (match["student"] for match in list(matches)[1:] if match["student"])
        return
    for part in file.parts[1:]:
        yield part
        yield part.split(".ipynb")[0]
        if match := MOODLE.fullmatch(part) or CANVAS.fullmatch(part):
            yield match["name"]
            yield match["number"]


def _certain(owners: list[Owner], student: str, roster: Mapping[str, str]) -> list[Owner]:
    """Of several who would be one student, the one of whom that is certain; else all of them.

    It is by Canvas' own number, and by the full name that the roster has. That a name reads like
    an id is not enough: students choose the names that they are displayed by.
    """

    def is_certain(owner: Owner) -> bool:
        if owner.kind == "canvas":
            return student == owner.number
        name = roster.get(student, "")
        return owner.kind == "moodle" and bool(name) and safe(name) == safe(owner.name)

    certain = [owner for owner in owners if is_certain(owner)]
    return certain if len(certain) == 1 else owners


def _about(owner: Owner, student: str) -> Iterator[str]:
    """What an instructor should know about how a student was found."""
    if student != owner.name:
        yield f"{student}: handed in as {owner.name!r}"


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
    """The owner of a file in one of the shapes that are known, by its outermost place."""
    outermost = file.parts[0]
    if len(file.parts) > 1:
        if match := MOODLE.fullmatch(outermost):
            return Owner("moodle", match["name"], match["number"])
        return Owner("plain", outermost)
    if match := CANVAS.fullmatch(outermost):
        return Owner("canvas", match["name"], match["number"], bool(match["late"]))
    return Owner("plain", outermost.split(".ipynb")[0])


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


def usable(student: str) -> bool:
    """Whether nbgrader takes a student's id for itself, not for a pattern of many."""
    if not is_text(student):
        return False
    short_enough = len(student.encode()) <= 2 * LONGEST_ID
    return student[0] != "." and not set(student) & set("[]*?") and short_enough
