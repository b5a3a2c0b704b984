"""Downloads that do not wait for ever."""

import contextlib
import socket
from collections.abc import Iterator

#: Seconds without an answer after which the network counts as absent.
PATIENCE = 5


@contextlib.contextmanager
def short_patience() -> Iterator[None]:
    """Give sockets a timeout, unless they have one: torch would wait for a silent firewall."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(before or PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
