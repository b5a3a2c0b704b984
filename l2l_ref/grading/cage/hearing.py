"""What a caged kernel loads and opens of the course, told when it happens.

Python tells an audit hook of each import and of each file that is opened, however the code is
spelled that does it. A hook that is there before a submission runs cannot be taken out again. It
writes to a pipe whose other end is outside; while the pipe is not what it was, or has no room,
nothing more of the course is imported or opened. Code that has got hold of ctypes can do without
Python, and so without the hook.
"""

import ast
import contextlib
import os
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from ..printable import beginning

COURSE = "l2l_ref"
ROOT = Path(__file__).resolve().parents[2]

#: What Python is asked that may lead to a file of the course in another way.
ROUNDABOUT = frozenset(
    (
        *("os.symlink", "os.link", "os.rename", "os.chdir", "shutil.copyfile", "shutil.copytree"),
        *("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen"),
    )
)

#: Bytes that are read of a pipe, which is what it holds; and characters of a line.
MOST, LINE = 64 * 1024, 500


# In the cage


def tell(file: int) -> None:
    """From now on, write a line for each part of the course that is loaded or opened.

    Args:
        file: the open end of the pipe.
    """
    # What the hook calls is kept as it is now: a submission may put something else in its place.
    write, stat, known = os.write, os.fstat, set()
    ours = (stat(file).st_dev, stat(file).st_ino)

    def hook(event: str, arguments: tuple) -> None:
        if event not in ("import", "open") and event not in ROUNDABOUT:
            return
        said = repr(arguments) if event in ROUNDABOUT else arguments[0]
        if not isinstance(said, str):
            if not isinstance(said, bytes | os.PathLike):
                return  # a file that is open already
            said = os.fsdecode(said)
        line = f"{event} {said}"
        if COURSE not in said or line in known:
            return
        now = stat(file)
        if (now.st_dev, now.st_ino) != ours:
            raise RuntimeError("the line to the grader is cut")
        short = line if len(line) <= LINE else f"{line[: LINE // 2]} ... {line[-LINE // 2 :]}"
        try:
            write(file, short.replace("\n", " ").encode("utf-8", "replace") + b"\n")
        except BlockingIOError:
            raise RuntimeError("the line to the grader is full") from None
        known.add(line)

    sys.addaudithook(hook)


# Outside


class Hearing:
    """The pipe of one kernel; close it when the kernel is gone."""

    def __init__(self):
        self.ours, self.theirs = os.pipe()
        for end in (self.ours, self.theirs):
            os.set_blocking(end, False)

    def handed_over(self) -> None:
        """The kernel has its end now: let go of it."""
        os.close(self.theirs)

    def close(self) -> None:
        """Let go of the other end."""
        os.close(self.ours)

    def heard(self) -> list[str]:
        """What has been told since the last time."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self.ours, MOST).decode("utf-8", "replace").splitlines()
        return []


def reasons(lines: Iterable[str], needed: Iterable[str]) -> list[str]:
    """What a human should look at, a sentence each.

    Args:
        lines: that were heard.
        needed: the modules that the task and its check load.
    """
    found, loaded = {}, {}
    for line in lines:
        event, _, said = line.partition(" ")
        module = said if event == "import" else _module_in(said)
        if event in ROUNDABOUT:
            found[f"While it ran, it did {event} with {beginning(said, 80)}."] = None
        elif module is None:
            found[f"While it ran, it opened {beginning(said, 80)}."] = None
        elif module and module.split(".")[0] == COURSE and module not in needed:
            loaded[module] = None
    if loaded:
        first, *others = loaded
        more = f" and {len(others)} more of its parts" if others else ""
        text = f"While it ran, {beginning(first, 80)}{more} were loaded or read"
        found[f"{text}; the task does not use them."] = None
    return list(found)


def _module_in(file: str) -> str | None:
    """The module in a file of the course; of another file nothing, of a folder its package.

    However the file is spelled: None stands for one that may be of the course, and cannot be found.
    """
    path = Path(os.path.realpath(file))  # it lies in the same place outside
    if not path.is_relative_to(ROOT):
        return None if COURSE in Path(file).parts else ""
    if path.suffix not in ("", ".py", ".pyc"):
        return ""
    inner = path.relative_to(ROOT)
    folders = [part for part in inner.parts[:-1] if part != "__pycache__"]
    name = inner.name.split(".")[0]
    return ".".join([COURSE, *folders, *([] if name in ("", "__init__") else [name])])


@lru_cache
def needed_by(modules: frozenset[str]) -> frozenset[str]:
    """These modules of the course, and all that they load, told from their code."""
    todo, found = list(modules), set()
    while todo:
        name = todo.pop()
        if name in found or (file := _file(name)) is None:
            continue
        found.add(name)
        todo.append(name.rpartition(".")[0])
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        todo += imported(ast.parse(file.read_text(encoding="utf-8")), package)
    return frozenset(found)


def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split(".")[1:])
    files = (path / "__init__.py", path.with_suffix(".py"))
    known = module.split(".")[0] == COURSE
    return next((file for file in files if known and file.is_file()), None)


def imported(tree: ast.AST, package: str = "") -> Iterable[str]:
    """The modules that code imports, and the names that may be modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            parts = [*(above if node.level else []), *filter(None, [node.module])]
            base = ".".join(parts)
            yield base
            yield from (f"{base}.{each.name}" for each in node.names)
