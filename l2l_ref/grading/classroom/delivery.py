"""The files of a delivery: a folder, or a zip file of a learning-management system.

Names and contents are the students', so nothing of a delivery is believed: no link is followed, no
path leaves the folder, nothing unpacks without end. Nothing is read before its turn has come, so
what a student hands in can only use up that student's own budget. Whose a file is, is in `owners`.
"""

import contextlib
import itertools
import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from ...support.errors import InputError
from ..printable import beginning

MIB = 2**20

#: Where nbgrader keeps, beside a notebook, when it was handed in.
TIMESTAMP = "timestamp.txt"

#: What its exchange leaves there besides, and finds the feedback by.
FEEDBACK_SECRET = "submission_secret.txt"

#: Bytes of a notebook that are read. Solved, the course's have 40 kB; pictures may add megabytes.
LARGEST = 64 * MIB

#: Of one student, the notebooks that are looked at, the newest first, and their bytes together.
MOST_OF_ONE, LARGEST_OF_ONE = 100, 256 * MIB

#: Files of a delivery, of all students together. Their names fill the memory, nothing else does.
MOST_FILES = 1_000_000

#: Files in the folder of one student; a folder with more is left out.
MOST_IN_ONE = 100_000

#: Files that are counted, to tell who has too many: a few times what a delivery may hold.
MOST_COUNTED = 5 * MOST_FILES

#: Characters of a path, which a zip file may make longer than any system does, and of it in a line.
LONGEST_PATH, SHOWN = 4096, 200

#: The bit of a zip's entry that says that its name is UTF-8.
SAYS_UTF8 = 0x800

#: Lines about files in the same outermost folder.
MOST_LINES = 5


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
        doubts: where somebody should look at whose the work is, a sentence each.
        refused: the files that were not taken, with the reason.
        late: by student, the system that calls the work late.
    """

    students: list[str]
    notes: list[str]
    refused: list[str]
    late: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


def shown(name: str) -> str:
    """A path of a delivery, fit to be printed: one line, of any characters, not too long."""
    return beginning(name, SHOWN)


def few(lines: list[str]) -> list[str]:
    """Lines about files, ``PATH: why``, of each outermost folder the first ones and a number."""
    counts: Counter[str] = Counter()
    kept = []
    for line in lines:
        place = line.partition("/")[0] if "/" in line.partition(": ")[0] else line
        counts[place] += 1
        if counts[place] <= MOST_LINES:
            kept.append(line)
    more = [(place, count - MOST_LINES) for place, count in counts.items() if count > MOST_LINES]
    return kept + [f"{place}: so it is with {count:,} more files in it" for place, count in more]


@contextlib.contextmanager
def opened(source: Path, delivered: Delivered) -> Iterator[list[File]]:
    """The files of a delivery, as long as it is open; hidden ones are passed over.

    Args:
        source: a folder or a zip file.
        delivered: gets a line for what is left out, or in doubt.

    Raises:
        InputError: there is no such delivery, or it is neither a folder nor a zip file.
    """
    refused = delivered.refused
    if source.is_dir():
        yield _not_too_many(files_in(source, refused), refused)
        return
    if not source.is_file():
        raise InputError(f"there is no file or folder {source}")
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{source} is neither a folder nor a zip file: {error}; if another program can unpack "
            "it, hand over the folder"
        ) from None
    with archive:
        files = _not_too_many(_in_zip(archive, refused), refused)
        yield _without_wrapping(files, source.stem, delivered)


def _not_too_many(files: Iterator[File], refused: list[str]) -> list[File]:
    """The files, without the folders of single students that hold too many.

    Args:
        refused: gets a line for each such folder.

    Raises:
        InputError: those that are left are still too many.
    """
    found = list(itertools.islice(files, MOST_COUNTED + 1))
    counted = len(found) <= MOST_COUNTED
    around = {file.parts[0] for file in found}
    depth = 1 if len(around) > 1 else 2  # below a folder around all, or not
    counts = Counter(file.parts[:depth] for file in found)
    crowded = {place for place, count in counts.items() if counted and count > MOST_IN_ONE}
    refused += [
        f"{shown('/'.join(place))}: {counts[place]:,} files are in it, more than {MOST_IN_ONE:,}; "
        "none of them is taken"
        for place in sorted(crowded)
    ]
    found = [file for file in found if file.parts[:depth] not in crowded]
    if len(found) > MOST_FILES:
        raise InputError(
            f"the delivery holds more than {MOST_FILES:,} files; hand it over in several parts"
        )
    return found


def _hidden(parts: Iterable[str]) -> bool:
    """Whether a file is an editor's or a system's own."""
    return any(part[0] == "." or part == "__MACOSX" for part in parts)


def files_in(source: Path, refused: list[str]) -> Iterator[File]:
    """The files of a folder and of those below; hidden ones are passed over.

    Args:
        source: the folder.
        refused: gets a line for each link, pipe or device.
    """

    def cannot_enter(error: OSError) -> None:
        place = os.path.relpath(os.fsdecode(error.filename or source), source)
        refused.append(f"{shown(place)}: {error.strerror or error}")

    for folder, below, names in os.walk(source, onerror=cannot_enter):
        for name in [name for name in below if (Path(folder) / name).is_symlink()]:
            place = Path(folder, name).relative_to(source).as_posix()
            refused.append(f"{shown(place)}: a symbolic link")
        for name in sorted(names):
            path = Path(folder) / name
            place = path.relative_to(source).as_posix()
            if _hidden(PurePosixPath(place).parts):
                continue
            try:
                status = path.lstat()
            except OSError as error:
                refused.append(f"{shown(place)}: {error.strerror or error}")
                continue
            if not stat.S_ISREG(status.st_mode):
                refused.append(f"{shown(place)}: {_kind(status.st_mode)}, not a file")
                continue
            when = _when(status.st_mtime)
            yield File(place, when, lambda path=path, place=place: read_file(path, place))


def _when(seconds: float) -> str:
    """When a file was written; nothing if that lies outside the calendar."""
    try:
        return datetime.fromtimestamp(seconds).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _kind(mode: int) -> str:
    return "a symbolic link" if stat.S_ISLNK(mode) else "a pipe or device"


def read_file(path: Path, name: str) -> bytes:
    """The bytes of a file that is nothing else.

    Raises:
        Refused: it is a link, a pipe, too large, or cannot be read.
    """
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"{shown(name)}: {_kind(status.st_mode)}, not a file")
        _not_too_large(status.st_size, name)
        with open(path, "rb") as file:
            return _bounded(file, name)
    except OSError as error:
        raise Refused(f"{shown(name)}: {error.strerror or error}") from None


def _not_too_large(size: int, name: str) -> None:
    if size > LARGEST:
        raise Refused(f"{shown(name)}: larger than {LARGEST // MIB} MiB")


def _bounded(file, name: str) -> bytes:
    content = file.read(LARGEST + 1)
    _not_too_large(len(content), name)
    return content


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    """Unpack a file into memory, no more than it says it has, and no more than it may have."""
    _not_too_large(entry.file_size, name)
    try:
        with archive.open(entry) as file:
            return _bounded(file, name)
    except Refused:
        raise
    except Exception as error:  # whatever zipfile and its decompressors raise on a broken file
        raise Refused(f"{shown(name)}: cannot be unpacked ({beginning(str(error))})") from None


def _in_zip(archive: zipfile.ZipFile, refused: list[str]) -> Iterator[File]:
    for entry in archive.infolist():
        name = _name_of(entry)
        parts = PurePosixPath(name).parts
        if entry.is_dir() or not parts:
            continue
        if why := _unfit(entry, parts):
            refused.append(f"{shown(name)}: {why}")
        elif not _hidden(parts):
            when = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*entry.date_time)
            place = "/".join(parts)
            read = lambda entry=entry, place=place: _unpacked(archive, entry, place)  # noqa: E731
            yield File(place, when, read)


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Its path. Where a zip does not say that it is UTF-8, as macOS does not, it may still be."""
    if entry.flag_bits & SAYS_UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


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
    if len(entry.filename) > LONGEST_PATH:
        return f"a path of {len(entry.filename):,} characters"
    return ""


def _without_wrapping(files: list[File], stem: str, delivered: Delivered) -> list[File]:
    """Files without the folder that a zip file is made of and named after."""
    if files and all(len(file.parts) > 1 and file.parts[0] == stem for file in files):
        return unwrapped(files, delivered)
    return files


def unwrapped(files: list[File], delivered: Delivered) -> list[File]:
    """Files without the folder around all of them.

    It may be a student's own, who names another one in it: where less than two lie in it,
    `delivered` gets a doubt.
    """
    inside = {file.parts[1] for file in files}
    if len(inside) == 1:
        around = shown(files[0].parts[0])
        delivered.doubts.append(
            f"{shown(inside.pop())}: nothing else lies in {around}, which was taken for a folder "
            f"around the whole class; if {around} is a student, it is that one's work"
        )
    return [File("/".join(file.parts[1:]), file.written, file.read) for file in files]
