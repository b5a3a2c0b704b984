"""The answering side, as if it were another process, on another day.

Python salts the hash of a text anew in each process. An answer that depends on it gives the same in
one process for ever, and something else tomorrow.
"""

import builtins
import contextlib
import os
import time
from collections.abc import Iterator


def holds_text(value: object) -> bool:
    """Whether the hash of something is another one in each process."""
    if isinstance(value, tuple | frozenset):
        return any(map(holds_text, value))
    return isinstance(value, str | bytes)


@contextlib.contextmanager
def another_process() -> Iterator[None]:
    """Python's ``hash``, the number of the process and the time as another process has them."""

    def salted(value: object) -> int:
        return own((value, 1)) if holds_text(value) else own(value)

    own, number, now = builtins.hash, os.getpid, time.time
    builtins.hash = salted
    os.getpid = lambda: number() + 1
    time.time = lambda: now() + 100_000
    try:
        yield
    finally:
        builtins.hash, os.getpid, time.time = own, number, now
