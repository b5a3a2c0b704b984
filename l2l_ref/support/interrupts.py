"""Requests to end a program: Ctrl-C, SIGTERM, and SIGHUP, which a closing terminal sends."""

import contextlib
import signal
from collections.abc import Iterator


def requests_to_end() -> list[signal.Signals]:
    """The signals that ask a program to end, as far as the system has them."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


@contextlib.contextmanager
def as_ctrl_c() -> Iterator[None]:
    """Have all requests to end do what Ctrl-C does: raise KeyboardInterrupt, in the main thread.

    What is ignored stays so, as SIGHUP under ``nohup``. A system that shuts down sends several
    requests; after the first one only Ctrl-C can still break off the cleaning up.
    """
    before = {number: signal.getsignal(number) for number in requests_to_end()}
    others = [
        number
        for number, handler in before.items()
        if number == signal.SIGTERM or (number != signal.SIGINT and handler == signal.SIG_DFL)
    ]

    def end(number: int, frame) -> None:
        for each in others:
            signal.signal(each, lambda *_: None)  # not SIG_IGN, which processes would inherit
        signal.default_int_handler(number, frame)

    for number in others:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in others:
            signal.signal(number, before[number])
