"""A time limit for what this process does with a student's text."""

import contextlib
import signal
import threading
from collections.abc import Iterator


class TooLong(BaseException):
    """The time is up. Code that is broken off must not take it for an error of its own."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Break something off after some seconds, where that can be done: in a main thread of Unix.

    Raises:
        TooLong: the time is up.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
