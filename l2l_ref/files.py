"""Files that are written whole or not at all."""

import errno
import json
import os
from pathlib import Path

from .errors import InputError


def write_whole(path: str | os.PathLike, content: bytes | str) -> None:
    """Write a file so that a reader, or a crash, never sees half of it.

    The content goes to a file ``.NAME.part`` in the same folder and reaches the disk before a
    rename puts it in place. Folders on the way are made.

    Raises:
        InputError: the file cannot be written there.
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
        InputError: the file cannot be written there.
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
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from None
    return path.with_name(f".{path.name}.part")


def _cannot_write(path: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot write {path}: {error.strerror or error}; name a file in a folder that you may "
        "write to"
    )


def write_json(path: str | os.PathLike, value: object) -> None:
    """Write a value as JSON that reads well in a diff; NaN and infinity are refused."""
    write_whole(path, json.dumps(value, indent=2, allow_nan=False) + "\n")
