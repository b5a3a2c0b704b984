"""Where files lie, and how they are written: whole or not at all."""

import errno
import json
import os
import re
import textwrap
from pathlib import Path

from .errors import CannotWrite

#: Trained optimizers and stored results, which travel in the package.
ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"

#: Characters in a line of JSON.
LINE = 100


def data_folder() -> Path:
    """Where data sets lie: ``L2L_DATA``, or ``l2l`` in the user's cache folder."""
    cache_folder = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("L2L_DATA") or Path(cache_folder, "l2l")).expanduser()


def write_whole(path: str | os.PathLike, content: bytes | str) -> None:
    """Write a file so that a reader, or a crash, never sees half of it.

    The content goes to a file ``.NAME.part`` in the same folder and reaches the disk before a
    rename puts it in place. Folders on the way are made.

    Raises:
        CannotWrite: the file cannot be written there; an `InputError`.
    """
    path = Path(path)
    part = _part_of(path)
    data = content.encode() if isinstance(content, str) else content
    try:
        try:
            with open(part, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from None


def check_writable(path: str | os.PathLike) -> None:
    """Notice before a long job that its result could not be written.

    Raises:
        CannotWrite: the file cannot be written there; an `InputError`.
    """
    path = Path(path)
    part = _part_of(path)
    try:
        part.touch()
        part.unlink()
    except OSError as error:
        raise _cannot_write(path, error) from None


def _part_of(path: Path) -> Path:
    """Where a file is written before it is whole; its folder is made."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not os.access(path, os.W_OK):  # it would be replaced all the same
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from None
    return path.with_name(f".{path.name}.part")


def _cannot_write(path: Path, error: OSError) -> CannotWrite:
    reason = error.strerror or error
    if file := next((each for each in path.parents if each.exists() and not each.is_dir()), None):
        reason = f"{file} is a file, not a folder"
    todo = "name a file in a folder that you may write to"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        todo = "make room there"
    return CannotWrite(f"cannot write {path}: {reason}; {todo}", error)


def write_json(path: str | os.PathLike, value: object) -> None:
    """Write a value as JSON that reads well in a diff; NaN and infinity are refused.

    Lists of numbers fill their lines, where ``json`` would give each number one of its own.
    """
    text = json.dumps(value, indent=2, allow_nan=False)
    lists_of_numbers = r"^( *)(.*)\[([-+.\de,\s]+)\](?=,?$)"  # no string ends a line like this
    write_whole(path, re.sub(lists_of_numbers, _fill, text, flags=re.MULTILINE) + "\n")


def _fill(found: re.Match) -> str:
    indent, key, numbers = found.groups()
    numbers = " ".join(numbers.split())
    if len(indent + key + numbers) + 3 <= LINE:
        return f"{indent}{key}[{numbers}]"
    deeper = indent + "  "
    lines = textwrap.fill(numbers, LINE, initial_indent=deeper, subsequent_indent=deeper)
    return f"{indent}{key}[\n{lines}\n{indent}]"
