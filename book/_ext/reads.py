"""Writes down which files of the course a kernel opens to read; see `side_by_side`.

It runs in the kernel before the chapter's first cell. A module counts by its source, also where
Python opens the compiled file.
"""

import os
import sys
from importlib.util import source_from_cache
from pathlib import Path

LOG = open(os.environ["CHAPTER_READS"], "a", encoding="utf-8", buffering=1)  # noqa: SIM115
ROOT = os.path.join(os.environ["CHAPTER_ROOT"], "")

#: Below the course's folder, yet no part of the course.
ELSEWHERE = (os.path.join(sys.prefix, ""), os.path.join(ROOT, "book", "_build", ""))


def note(event: str, arguments: tuple) -> None:
    """Write a path down, if it is one of ours and opened to be read."""
    if event != "open" or isinstance(arguments[0], int):
        return
    path, _, flags = arguments
    path = os.path.abspath(os.fsdecode(path))
    if flags & (os.O_WRONLY | os.O_RDWR) or not path.startswith(ROOT) or path.startswith(ELSEWHERE):
        return
    if path.endswith(".pyc"):
        path = source_from_cache(path)
    if os.path.isfile(path):
        LOG.write(Path(path).relative_to(ROOT).as_posix() + "\n")


sys.addaudithook(note)
