"""A run that ends before its end: what is kept, what is the machine's fault, and how to go on.

A fault of one student's file costs that student a line. A full disk is nobody's: it ends the run,
with one line in the place of a traceback for everybody.
"""

import contextlib
import errno
import sys
from collections.abc import Callable, Iterator

from ..support.errors import CannotWrite, InputError
from .printable import beginning

#: What the system says when the place is at fault, whatever is written there.
PLACES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota on the disk is used up",
    errno.EROFS: "the disk can only be read",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
}

#: The same in the words of SQLite, which keeps no number, and of what nbgrader logs.
WORDS = {
    "database or disk is full": PLACES[errno.ENOSPC],
    "No space left on device": PLACES[errno.ENOSPC],
    "Disk quota exceeded": PLACES[errno.EDQUOT],
    "readonly database": "nbgrader's gradebook can only be read",
    "unable to open database file": "nbgrader's gradebook cannot be opened",
    "disk I/O error": "the disk has a fault",
    "database is locked": "another program holds nbgrader's gradebook",
    "Read-only file system": PLACES[errno.EROFS],
}


class MachinesFault(InputError):
    """Something that would fail for every student alike; the message says what."""


def fault_of_machine(error: BaseException | str) -> str:
    """What is wrong with the machine; nothing if the error is somebody's or something else."""
    if isinstance(error, CannotWrite):
        error = error.error
    if isinstance(error, OSError) and error.errno in PLACES:
        return PLACES[error.errno] + (f" ({error.filename})" if error.filename else "")
    if isinstance(error, str) or not isinstance(error, OSError | InputError):
        return next((says for words, says in WORDS.items() if words in str(error)), "")
    return ""


def raise_if_machines(error: BaseException | str) -> None:
    """Go no further if something would fail for every student alike.

    Raises:
        MachinesFault: so it is.
    """
    if fault := fault_of_machine(error):
        raise MachinesFault(fault) from None


def said_of(error: BaseException) -> str:
    """One line about an error that is a student's."""
    text = beginning(str(error), 300)
    return text if isinstance(error, InputError) else f"{type(error).__name__}: {text}"


@contextlib.contextmanager
def how_to_go_on(kept: Callable[[], str]) -> Iterator[None]:
    """Say at an early end what is kept, and that the same command goes on from there.

    Args:
        kept: says it.

    Raises:
        InputError: instead of whatever the machine's fault raised.
    """
    try:
        yield
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):  # the terminal may have gone
            print(f"l2l: {kept()}", file=sys.stderr)
        raise
    except MachinesFault as fault:
        raise InputError(f"{fault}; {kept()}") from None
    except Exception as error:
        fault = fault_of_machine(error)
        if not fault and not isinstance(error, CannotWrite | OSError):
            raise
        raise InputError(f"{fault or error}; {kept()}") from None
