"""Programs in forks of one process that has imported what they need.

A program of its own would spend most of its time importing: torch a second or two, nbgrader as
much again. Each worker of the tests has one server that imports them once; a program is a fork of
it, with a folder, an environment and streams of its own, and can be killed like any other.
"""

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from importlib import import_module
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["l2l_ref.training", "nbgrader.apps.nbgraderapp", "myst_nb.sphinx_ext", "sphinx.cmd.build"]
)


class Program:
    """A program that was started; it has what tests need of ``subprocess.Popen``.

    Args:
        entry: what a console script of it would call, such as ``l2l_ref.cli:main``.
        arguments: of its command line, with the program's name.
        folder: where it runs.
        environment: all of its variables.
        session: whether it is the head of a session of its own.
    """

    def __init__(
        self, entry: str, *arguments: str, folder: Path, environment: dict, session: bool = False
    ):
        self.folder = Path(tempfile.mkdtemp(prefix="program"))  # for what it says
        said = [self.folder / name for name in ("out", "errors")]
        self.process = CONTEXT.Process(
            target=_become, args=(entry, arguments, str(folder), environment, said, session)
        )
        self.said: tuple[str, str] | None = None
        self.process.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self.process.exitcode

    poll = returncode.fget

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end; what it wrote to stdout and to stderr.

        Raises:
            TimeoutExpired: it runs for longer.
        """
        self.process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.process.name, timeout)
        if self.said is None:
            self.said = tuple((self.folder / name).read_text() for name in ("out", "errors"))
            shutil.rmtree(self.folder)
        return self.said


def _become(entry, arguments, folder, environment, said, session) -> None:
    """In the fork: be the program."""
    if session:
        os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for path, number in zip(said, (1, 2), strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment | {"PYTHONWARNINGS": "ignore"})  # for its own processes
    warnings.simplefilter("ignore")
    multiprocessing.set_start_method(None, force=True)  # a program begins with the system's own
    sys.argv = list(arguments)
    sys.path.insert(0, folder)
    module, _, name = entry.partition(":")
    sys.exit(getattr(import_module(module), name)())


def environment_without(*names: str) -> dict[str, str]:
    """The variables here, without some and without what pytest sets."""
    return {k: v for k, v in os.environ.items() if k not in {"PYTEST_CURRENT_TEST", *names}}


def run(entry: str, *arguments: str, folder: Path, environment: dict) -> Program:
    """Start a program and wait for its end."""
    program = Program(entry, *arguments, folder=folder, environment=environment)
    program.communicate(timeout=600)
    return program
