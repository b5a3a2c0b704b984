"""A course as nbgrader keeps it: its folders, its gradebook, its roster, its secret.

Where things are is for ``nbgrader_config.py`` to say; it is read as nbgrader reads it.
"""

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import warnings
from collections.abc import Iterator
from pathlib import Path

from ... import checks
from ...support.errors import InputError
from ...support.extras import need
from ...support.files import write_whole
from .. import notebooks
from ..release import build

CONFIG = "nbgrader_config.py"
LOCK, SECRET = "grade.lock", "secret"  # in the folder that nbgrader works in
SECRET_BYTES = 32


def exercise_named(name: str) -> str:
    """The exercise for ``01_leaf_tensors``, ``leaf_tensors`` or ``1``.

    Raises:
        InputError: there is none.
    """
    for folder in checks.EXERCISES:
        number, short = folder.split("_", 1)
        if name in (folder, short, number) or (name.isdecimal() and int(name) == int(number)):
            return folder
    known = ", ".join(checks.EXERCISES)
    raise InputError(f"there is no exercise {name!r}; the exercises are {known}")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """nbgrader and what it builds on warn about each other's age; that helps nobody here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Course:
    """The folder that holds ``nbgrader_config.py`` and ``exercises/``.

    Args:
        folder: of the course.

    Raises:
        InputError: there is no such file, or nbgrader is not installed.
    """

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        if not (self.folder / CONFIG).is_file():
            raise InputError(
                f"there is no {CONFIG} in {folder}; run this in the course's own folder, or name "
                "it with --course"
            )
        with quiet():
            need("grading", "nbgrader", "jupytext")
            from nbgrader.coursedir import CourseDirectory
            from traitlets.config.loader import PyFileConfigLoader

            self.config = PyFileConfigLoader(CONFIG, path=str(self.folder)).load_config()
            self.directory = CourseDirectory(config=self.config)
        self.root = Path(self.directory.root)

    # Where things are

    def path(self, step: str, student: str, assignment: str) -> Path:
        """A folder of nbgrader's: ``path("submitted", "ann", "01_leaf_tensors")``."""
        step = getattr(self.directory, f"{step}_directory", step)
        return Path(self.directory.format_path(step, student, assignment))

    def students_in(self, step: str, assignment: str) -> list[str]:
        """The students who have a folder for an assignment."""
        step = getattr(self.directory, f"{step}_directory", step)
        named = self.directory.format_path(step, "(?P<student>[^/]+)", assignment, escape=True)
        found = self.root.glob(os.path.relpath(self.path(step, "*", assignment), self.root))
        matches = [re.fullmatch(named, str(path)) for path in found]
        return sorted(match["student"] for match in matches if match)

    @property
    def released(self) -> Path:
        """The folder of the students' notebooks."""
        return self.folder / build.EXERCISES

    def release(self, assignment: str) -> str:
        """The text of the notebook that students were given."""
        path = self.released / assignment / f"{build.short(assignment)}.ipynb"
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None

    def solution(self, assignment: str) -> dict:
        """The published solution, as nbgrader's source has it; see `prepare`."""
        return notebooks.read(self._source(assignment))

    def _source(self, assignment: str) -> Path:
        return self.path("source", ".", assignment) / f"{build.short(assignment)}.ipynb"

    # The gradebook

    @contextlib.contextmanager
    def gradebook(self) -> Iterator:
        """nbgrader's gradebook, open."""
        with quiet():
            from nbgrader.api import Gradebook

            with Gradebook(self.directory.db_url, self.directory.course_id) as book:
                yield book

    def roster(self) -> dict[str, str]:
        """The full name of each student in the gradebook, by their id."""
        with self.gradebook() as book:
            return {
                student.id: " ".join(filter(None, [student.first_name, student.last_name]))
                for student in book.students
            }

    def prepare(self, assignment: str) -> list[str]:
        """Put an assignment into nbgrader's source and release folders and into the gradebook.

        Returns:
            What was done, a sentence each; nothing if all was there.

        Raises:
            InputError: the assignment cannot be built, or nbgrader refuses it.
        """
        notes, name = [], f"{build.short(assignment)}.ipynb"
        source = self._source(assignment)
        if not source.exists() or not (self.released / assignment / name).exists():
            build.build_course(self.folder)
            notes.append(f"{assignment} was built from {build.SOLUTIONS}/")
        if not source.exists():
            raise InputError(f"there is no {source}; the course's settings look for it there")
        ours = json.loads(self.release(assignment))
        theirs = self.path("release", ".", assignment) / name
        if self._in_gradebook(assignment) and _same(theirs, ours):
            return notes
        self._generate(assignment)
        if not _same(theirs, ours):
            raise InputError(
                f"what nbgrader makes of {source} is not what stands in {build.EXERCISES}/; build "
                "both with: l2l exercises build"
            )
        return [*notes, f"nbgrader's generate_assignment made the release of {assignment}"]

    def _in_gradebook(self, assignment: str) -> bool:
        with self.gradebook() as book:
            return assignment in [entry.name for entry in book.assignments]

    def _generate(self, assignment: str) -> None:
        with quiet():
            from nbgrader.apps import NbGraderAPI

            done = NbGraderAPI(config=self.config).generate_assignment(assignment)
        if not done["success"]:
            raise InputError(
                f"nbgrader's generate_assignment failed for {assignment}: "
                f"{done.get('log') or done['error']}"
            )

    # The secret and the lock

    def secret_for(self, assignment: str) -> str:
        """What an assignment's questions are drawn from, with each submission: `grader.seed_for`.

        HMAC-SHA256 of the assignment's name under the course's secret, which is made once, never
        printed and never handed to a kernel.

        Returns:
            Hexadecimal digits.
        """
        path = self.root / SECRET
        if not path.exists():
            before = os.umask(0o077)  # from its first moment on it is for its owner alone
            try:
                write_whole(path, secrets.token_hex(SECRET_BYTES) + "\n")
            finally:
                os.umask(before)
        text = path.read_text().strip()
        if not re.fullmatch(f"[0-9a-f]{{{2 * SECRET_BYTES}}}", text):
            raise InputError(
                f"{path} does not hold the {2 * SECRET_BYTES} hexadecimal digits of the course's "
                "secret; bring it back from a backup, or delete it and grade everything again"
            )
        return hmac.new(bytes.fromhex(text), assignment.encode(), hashlib.sha256).hexdigest()

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second `l2l grade` out; the system frees the lock when this process ends.

        Raises:
            InputError: another one is at work.
        """
        try:
            import fcntl
        except ImportError:  # Windows, which nbgrader's exchange does not know either
            yield
            return
        with open(self.root / LOCK, "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError(
                    f"another 'l2l grade' is at work in {self.folder}; wait for it to end"
                ) from None
            yield


def _same(path: Path, notebook: dict) -> bool:
    """Whether a file holds a notebook."""
    try:
        return notebooks.read(path) == notebook
    except InputError:
        return False
