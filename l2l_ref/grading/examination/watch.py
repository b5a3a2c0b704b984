"""Looks after the processes of a cage: how many they are, and how much memory they hold.

The limits that the kernel of Linux keeps are for one process or one user, and the administrator
has none; here they hold for the whole cage.
"""

import contextlib
import stat
import threading
from pathlib import Path

import psutil

from .sandbox import MIB, Limits

PAUSE = 0.2  # seconds between two looks
SOCKETS = 64  # files that the folder of sockets may hold; a kernel makes five


class Watch:
    """A thread that ends a cage that has become too large.

    Args:
        pid: of the process that holds the cage.
        sockets: the folder of this machine that the cage can write to.
        limits: that hold.
    """

    def __init__(self, pid: int, sockets: Path, limits: Limits):
        self.pid, self.sockets, self.limits = pid, sockets, limits
        self.reason = ""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.over.wait(PAUSE):
            with contextlib.suppress(psutil.Error, OSError):
                self.reason = self.reason or self._too_much()
            if self.reason:
                with contextlib.suppress(psutil.Error):
                    psutil.Process(self.pid).kill()  # the others die with it
                return

    def _too_much(self) -> str:
        processes = psutil.Process(self.pid).children(recursive=True)
        if len(processes) > self.limits.processes:
            return f"more than {self.limits.processes} processes"
        if sum(map(_memory, processes)) > self.limits.memory:
            return f"more than {self.limits.memory // MIB:,} MB of memory"
        files = [file.lstat().st_mode for file in self.sockets.iterdir()]
        if len(files) > SOCKETS or not all(map(stat.S_ISSOCK, files)):
            return "files beside the kernel's own sockets"
        return ""


def _memory(process: psutil.Process) -> int:
    """Bytes that a process holds; none if it has just ended."""
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0
