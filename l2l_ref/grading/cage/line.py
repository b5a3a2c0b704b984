"""The line to a caged kernel: sockets that it is given, and what passes on them.

Whoever is in the cage can send what he likes, and 0MQ holds what has come of a message until its
end: a message of frames without end fills the memory of whoever listens. So all bytes go through
here, where each message is measured before 0MQ sees it; a line with one that is too long is cut.
"""

import contextlib
import os
import socket
import threading
from pathlib import Path

from ...checks.wire import LENGTH
from .sandbox import MIB

SHOWN = 12 * MIB  # bytes of a message with outputs; a longer one is lost, and the cell's others
REPLY = LENGTH + MIB  # of a reply
WORD = MIB  # of a reply to an interrupt

FRAMES = 64  # of a message; Jupyter's have about seven
FRAME = 128  # bytes that a frame takes besides what is in it

CHUNK = 64 * 1024

#: The number of each channel, and how long its messages may be; 0 for those that nobody listens to.
PORTS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4, "hb": 5}
LONGEST = {"shell": REPLY, "iopub": SHOWN, "stdin": 0, "control": WORD, "hb": 0}


class TooLong(Exception):
    """A message is longer than it may be, or what comes is no message."""


class Meter:
    """Measures messages as they come, in the framing of ZMTP 3 (RFC 23).

    Args:
        longest: bytes that a message may have.
    """

    def __init__(self, longest: int):
        self.longest = longest
        self.greeting = b""  # as far as it has come
        self.head = b""  # of a frame, as far as it has come
        self.left = 0  # bytes of the frame that are still to come
        self.bytes = self.frames = 0  # of the message

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLong: they must not be passed on.
        """
        at = self._greet(data) if len(self.greeting) < 64 else 0
        while at < len(data):
            if self.left:
                step = min(self.left, len(data) - at)
                self.left -= step
                at += step
                continue
            self.head += data[at : at + 1]
            at += 1
            if len(self.head) == (9 if self.head[0] & 2 else 2):
                self._begin(self.head[0], int.from_bytes(self.head[1:], "big"))

    def _greet(self, data: bytes) -> int:
        """The 64 bytes that each side begins with; how many of these belong to it.

        An older version of the protocol has other frames, so none is spoken.
        """
        taken = data[: 64 - len(self.greeting)]
        self.greeting += taken
        for place, byte in ((0, 0xFF), (9, 0x7F), (10, 3)):
            if self.greeting[place : place + 1] not in (b"", bytes([byte])):
                raise TooLong("no greeting of ZMTP 3")
        return len(taken)

    def _begin(self, flags: int, size: int) -> None:
        """A frame begins. A command, which may come between those of a message, is none's end."""
        self.bytes += size + FRAME
        self.frames += 1
        if self.bytes > self.longest or self.frames > FRAMES:
            raise TooLong(f"{self.bytes:,} bytes in {self.frames} frames")
        self.head, self.left = b"", size
        more, command = flags & 1, flags & 4
        if not more and not command:
            self.bytes = self.frames = 0


class Line:
    """The sockets of one kernel; close it when the kernel is gone.

    Args:
        folder: of this machine, for the names of sockets. The cage does not see it.
    """

    def __init__(self, folder: Path):
        # A name of more than 107 characters is none, however the folder is called.
        self.folder = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        self.lock, self.closed = threading.Lock(), False
        self.sockets: set[socket.socket] = set()  # in this process
        self.threads: list[threading.Thread] = []
        self.theirs = {port: self._listen("c", port) for port in PORTS.values()}
        for each in self.theirs.values():
            each.setblocking(False)  # as 0MQ has those that it opens itself
        for name, longest in LONGEST.items():
            if longest:
                listening = self._listen("k", PORTS[name])
                self.sockets.add(listening)
                self._thread(self._accept, listening, PORTS[name], longest)

    @property
    def ip(self) -> str:
        """What Jupyter calls so: the beginning of the sockets' names."""
        return self._name("k")

    @property
    def files(self) -> tuple[int, ...]:
        """The open files that the kernel must inherit."""
        return tuple(each.fileno() for each in self.theirs.values())

    def argument(self) -> str:
        """For the command line of `starter`."""
        return ",".join(f"{port}={each.fileno()}" for port, each in self.theirs.items())

    def handed_over(self) -> None:
        """The kernel has its ends now: let go of them."""
        for each in self.theirs.values():
            each.close()

    def close(self) -> None:
        """Cut all that is still open."""
        self.handed_over()
        with self.lock:
            self.closed = True
            for each in self.sockets:
                _cut(each)
        for each in self.threads:
            each.join()
        os.close(self.folder)

    def _name(self, kind: str) -> str:
        return f"/proc/self/fd/{self.folder}/{kind}"

    def _listen(self, kind: str, port: int) -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.bind(f"{self._name(kind)}-{port}")
        made.listen(8)
        return made

    def _thread(self, run, *arguments) -> threading.Thread:
        made = threading.Thread(target=run, args=arguments, daemon=True)
        made.start()
        self.threads = [each for each in self.threads if each.is_alive()] + [made]
        return made

    def _accept(self, listening: socket.socket, port: int, longest: int) -> None:
        """Join whoever calls to the kernel's socket."""
        with listening, contextlib.suppress(OSError):  # until it is cut
            while True:
                ours, _ = listening.accept()
                theirs = socket.socket(socket.AF_UNIX)
                theirs.setblocking(False)  # a kernel that takes no more calls is not waited for
                with self.lock:
                    joined = not self.closed and not theirs.connect_ex(f"{self._name('c')}-{port}")
                    if joined:
                        theirs.setblocking(True)
                        self.sockets |= {ours, theirs}
                        self._thread(self._join, ours, theirs, longest)
                if not joined:
                    ours.close()
                    theirs.close()

    def _join(self, ours: socket.socket, theirs: socket.socket, longest: int) -> None:
        """Pass on what both say, until one of them hangs up."""
        back = threading.Thread(target=_pass_on, args=(ours, theirs, None), daemon=True)
        back.start()
        _pass_on(theirs, ours, Meter(longest))
        back.join()
        with self.lock:
            for each in (ours, theirs):
                self.sockets.discard(each)
                each.close()


def _pass_on(source: socket.socket, target: socket.socket, meter: Meter | None) -> None:
    """Pass on what comes; at its end both are cut."""
    with contextlib.suppress(OSError, TooLong):
        while data := source.recv(CHUNK):
            if meter:
                meter.feed(data)
            target.sendall(data)
    _cut(source)
    _cut(target)


def _cut(each: socket.socket) -> None:
    """Wake whoever waits for a socket: there will be nothing more."""
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
