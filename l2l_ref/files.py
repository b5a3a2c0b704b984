"""Files that are written whole or not at all."""

import errno
import json
import os
import tempfile
from pathlib import Path

from .errors import InputError


def write_whole(path: str | os.PathLike, content: bytes | str) -> None:
    """Write a file so that a reader, or a crash, never sees half of it.

    The content goes to a temporary file in the same folder and reaches the disk before the
    rename puts it in place. Folders on the way are made.

    Raises:
        InputError: the file cannot be written there.
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    try:
        temporary = _temporary_beside(path)
        try:
            with open(temporary, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)  # mkstemp makes it private
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from None


def check_writable(path: str | os.PathLike) -> None:
    """Notice before a long job that its result could not be written.

    Raises:
        InputError: the file cannot be written there.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        _temporary_beside(path).unlink()
    except OSError as error:
        raise _cannot_write(path, error) from None


def _temporary_beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    return Path(name)


def _cannot_write(path: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot write {path}: {error.strerror or error}; name a file in a folder that you may "
        "write to"
    )


def write_json(path: str | os.PathLike, value: object) -> None:
    """Write a value as JSON that reads well in a diff; NaN and infinity are refused."""
    write_whole(path, json.dumps(value, indent=2, allow_nan=False) + "\n")
