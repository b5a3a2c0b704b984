"""Writes down what a kernel reads of the course, with a fingerprint of each; see `side_by_side`.

Run in the kernel before the chapter's first cell, it notes the files that are opened, also in vain,
and the folders that are listed. A module counts by its source, also where Python opens the
compiled file; a file that the chapter itself has written counts for nothing. What is not seen: what
other programs and compiled libraries open, whether a path exists, and environment variables.
"""

import hashlib
import json
import os
import sys
from importlib.util import source_from_cache

#: Who lists folders only to find modules.
IMPORTER = "<frozen importlib._bootstrap_external>"


def digest(path: str | os.PathLike) -> str:
    """A fingerprint of a file, or of the names in a folder; empty where there is nothing."""
    if os.path.isdir(path):
        names = sorted(name for name in os.listdir(path) if name != "__pycache__")
        return hashlib.sha256("\n".join(names).encode()).hexdigest()
    if not os.path.isfile(path):
        return ""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Recorder:
    """An audit hook that writes down what is read below a folder, once, before it is read.

    Args:
        root: the course's folder.
        log: where to write, a line of JSON for each path.
    """

    def __init__(self, root: str, log: str):
        self.root = os.path.join(root, "")
        #: Below the course's folder, yet no part of the course.
        self.elsewhere = (os.path.join(sys.prefix, ""), os.path.join(root, "book", "_build", ""))
        self.log = open(log, "a", encoding="utf-8", buffering=1)  # noqa: SIM115
        self.known: set[str] = set()
        self.busy = False

    def __call__(self, event: str, arguments: tuple) -> None:
        """Note a path, if the event reads one of ours."""
        if self.busy or (path := read_by(event, arguments)) is None:
            return
        path = os.path.abspath(os.fsdecode(path))
        if not path.startswith(self.root) or path.startswith(self.elsewhere):
            return
        if path.endswith(".pyc"):
            path = source_from_cache(path)
        if path in self.known:
            return
        self.known.add(path)
        if event == "open" and arguments[2] & os.O_TRUNC:
            return  # the chapter's own, from now on
        self.busy = True
        try:
            self.log.write(json.dumps([os.path.relpath(path, self.root), digest(path)]) + "\n")
        finally:
            self.busy = False


def read_by(event: str, arguments: tuple):
    """The path that an event reads or makes; None if there is none."""
    if event == "open":
        path, _, flags = arguments
        only_adds = flags & os.O_WRONLY and not flags & os.O_TRUNC
        return None if isinstance(path, int) or only_adds else path
    if event in ("os.listdir", "os.scandir"):
        # Above this function: the recorder, and then whoever lists the folder.
        for_modules = sys._getframe(2).f_code.co_filename == IMPORTER
        return None if for_modules or isinstance(arguments[0], int) else arguments[0] or "."
    return arguments[0] if event == "sqlite3.connect" else None


if __name__ == "__main__":
    sys.addaudithook(Recorder(os.environ["CHAPTER_ROOT"], os.environ["CHAPTER_READS"]))
