"""The files of a delivery: a folder, or a zip file of a learning-management system.

Names and contents are the students', so nothing of a delivery is believed: no link is followed, no
path leaves the folder, nothing unpacks without end. Whose a file is, is in `owners`.
"""

import contextlib
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from ...support.errors import InputError

MIB = 2**20

#: Where nbgrader keeps, beside a notebook, when it was handed in.
TIMESTAMP = "timestamp.txt"

#: What its exchange leaves there besides, and finds the feedback by.
FEEDBACK_SECRET = "submission_secret.txt"

#: Bytes of a notebook that are read. Solved, the course's have 40 kB; pictures may add megabytes.
LARGEST = 64 * MIB

#: Bytes that a zip file may hold in notebooks, and the files in it.
LARGEST_DELIVERY, MOST_FILES = 4096 * MIB, 20_000


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
        late: by student, the system that calls the work late.
    """

    students: list[str]
    notes: list[str]
    refused: list[str]
    late: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def opened(source: Path, refused: list[str]) -> Iterator[list[File]]:
    """The files of a delivery, as long as it is open; hidden ones are passed over.

    Raises:
        InputError: there is no such delivery, or it is neither a folder nor a zip file.
    """
    if source.is_dir():
        yield list(files_in(source, refused))
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


def files_in(source: Path, refused: list[str]) -> Iterator[File]:
    """The files of a folder and of those below; hidden ones are passed over.

    Args:
        source: the folder.
        refused: gets a line for each link, pipe or device.
    """
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
