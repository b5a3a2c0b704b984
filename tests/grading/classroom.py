"""A class in a temporary folder: a course, its students, and nbgrader's commands run in it."""

import json
import os
import shutil
from pathlib import Path

from forked import Program, environment_without

from l2l_ref.grading.release import build

ROOT = Path(__file__).parents[2]
EXERCISE, NAME = "01_leaf_tensors", "leaf_tensors"

#: What the scripts of these commands call.
ENTRIES = {"nbgrader": "nbgrader.apps.nbgraderapp:main", "l2l": "l2l_ref.cli:main"}

#: What a student's own nbgrader has to know: which course, and where the class exchanges files.
STUDENTS_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "l2l"
c.Exchange.root = {exchange!r}
c.Exchange.cache = {cache!r}
"""


class Failed(Exception):
    """A command ended otherwise than it should; the message holds what it printed."""


class Classroom:
    """A course with one exercise, and folders for its students.

    Args:
        folder: an empty one; everything is kept below it.
        settings: lines at the end of nbgrader_config.py, as an instructor would add them.
    """

    def __init__(self, folder: Path, settings: str = ""):
        self.folder, self.course = folder, folder / "course"
        shutil.copytree(ROOT / "solutions" / EXERCISE, self.course / "solutions" / EXERCISE)
        config = (ROOT / "nbgrader_config.py").read_text()
        (self.course / "nbgrader_config.py").write_text(config + settings)
        build.build_course(self.course)
        self.solution = read(self.course / ".nbgrader/source" / EXERCISE / f"{NAME}.ipynb")
        self.release = read(self.course / "exercises" / EXERCISE / f"{NAME}.ipynb")

    def home(self, user: str) -> Path:
        """A user's home, with nbgrader set up in it."""
        home = self.folder / "homes" / user
        if not home.exists():
            home.mkdir(parents=True)
            exchange, cache = self.course / ".nbgrader/exchange", home / "cache"
            cache.mkdir()
            text = STUDENTS_CONFIG.format(exchange=str(exchange), cache=str(cache))
            (home / "nbgrader_config.py").write_text(text)
        return home

    def environment(self, user: str) -> dict[str, str]:
        """The environment of a user, with nothing in it of whoever runs the tests."""
        home = self.home(user)
        kept = environment_without("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        return kept | {"HOME": str(home), "PYTHONPATH": path}

    def run(self, *command: str, student: str | None = None, code: int = 0) -> str:
        """Run a command as the instructor in the course, or as a student at home.

        Args:
            command: ``nbgrader ...`` or ``l2l ...``, without the word for the program's path.
            student: who runs it.
            code: the exit code that it must have.

        Returns:
            What it printed.

        Raises:
            Failed: it ended with another exit code.
        """
        program = Program(
            ENTRIES[command[0]],
            *command,
            folder=self.home(student) if student else self.course,
            environment=self.environment(student or "instructor"),
        )
        said = "".join(program.communicate(timeout=600))
        if program.returncode != code:
            how = f"exit code {program.returncode}, not {code}"
            raise Failed(f"{' '.join(command)}: {how}\n{said[-3000:]}")
        return said

    def answer(self, path: Path, answers: dict[str, str]) -> None:
        """Write answers into the cells of a notebook, as its student does.

        Args:
            path: of the notebook.
            answers: the new source of each cell, by its grade_id.
        """
        notebook = read(path)
        for grade_id, source in answers.items():
            cell_of(notebook, grade_id)["source"] = source
        path.write_text(json.dumps(notebook))

    def right(self, question: str) -> str:
        """The right answer to a question."""
        return "".join(cell_of(self.solution, question)["source"])


def read(path: Path) -> dict:
    """A notebook."""
    return json.loads(path.read_text())


def cell_of(notebook: dict, grade_id: str) -> dict:
    """The cell that nbgrader knows by a name."""
    (found,) = (cell for cell in notebook["cells"] if cell["id"] == grade_id)
    return found
