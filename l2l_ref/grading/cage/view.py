"""What a cage holds, seen from outside: its processes, and the memory that is theirs or nobody's.

All is read through the cage's own /proc, which lists its processes and no others, so that a look
costs the same on a machine of any size.
"""

import contextlib
import os
import re
from collections.abc import Iterator

import psutil

from .sandbox import HOME

#: Folders in memory that a cage can write to.
WRITABLE = ("/tmp", HOME, "/dev/shm")

#: Bytes that a file takes besides what is in it.
INODE = 1024

#: Lines of a status: how much of a process lies in memory, in swap space and in tables of pages.
HELD = re.compile(r"^Vm(?:RSS|Swap|PTE):\s*(\d+) kB$", re.MULTILINE)

#: A thread that has ended; it stays, without memory, while others of its process go on.
ENDED = re.compile(r"^State:\s*[ZX]", re.MULTILINE)

#: What a read tells of a process that has just ended.
GONE = (FileNotFoundError, ProcessLookupError)


class View:
    """Looks into a running cage.

    Args:
        pid: of the bubblewrap that holds it.

    Raises:
        OSError, psutil.Error: it cannot be looked into.
    """

    def __init__(self, pid: int):
        (first,) = psutil.Process(pid).children()
        self.root = os.open(f"/proc/{first.pid}/root", os.O_PATH | os.O_DIRECTORY)
        with open("/proc/sys/net/core/wmem_default") as file:
            self.socket = 2 * int(file.read())  # bytes, as far as the filter lets it grow

    def close(self) -> None:
        """Let go of the cage."""
        os.close(self.root)

    def _path(self, inside: str) -> str:
        return f"/proc/self/fd/{self.root}{inside}"

    def _read(self, inside: str) -> str:
        with open(self._path(inside)) as file:
            return file.read()

    def tasks(self) -> Iterator[tuple[str, list[str]]]:
        """Each process with the folders of its threads."""
        for name in os.listdir(self._path("/proc")):
            if name.isdigit():
                with contextlib.suppress(*GONE):
                    threads = os.listdir(self._path(f"/proc/{name}/task"))
                    yield name, [f"/proc/{name}/task/{thread}" for thread in threads]

    def memory(self) -> int:
        """Bytes that processes hold, and files in memory and sockets."""
        found = sum(self._held(threads) for _, threads in self.tasks())
        for folder in WRITABLE:
            files = os.statvfs(self._path(folder))
            found += (files.f_blocks - files.f_bfree) * files.f_frsize
            found += (files.f_files - files.f_ffree) * INODE
        sockets = self._read("/proc/1/net/unix").count("\n") - 1
        return found + sockets * self.socket

    def _held(self, threads: list[str]) -> int:
        """Bytes that a process holds, as the first of its threads says that has not ended."""
        for thread in threads:
            with contextlib.suppress(*GONE):
                status = self._read(f"{thread}/status")
                if not ENDED.search(status):
                    return 1024 * sum(map(int, HELD.findall(status)))
        return 0

    def times(self) -> dict[str, tuple[float, float]]:
        """For each thread the seconds that it has run, and waited for a processor to run on."""
        found = {}
        for _, threads in self.tasks():
            for thread in threads:
                with contextlib.suppress(*GONE):
                    ran, waited, _ = self._read(f"{thread}/schedstat").split()
                    found[thread] = int(ran) / 1e9, int(waited) / 1e9
        return found
