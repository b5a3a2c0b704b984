"""solutions/ -> exercises/: the students' notebooks, cut by nbgrader's own preprocessors.

`sources` reads ``solutions/NN_name/name.py`` and refuses what is faulty. The same source gives the
same bytes, and exercises/ is written whole or not at all, never over anybody's answers.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ... import checks
from ...support.errors import InputError
from ...support.extras import need
from ...support.files import write_whole
from .. import notebooks
from .sources import Source

SOLUTIONS, EXERCISES, SOURCE = "solutions", "exercises", ".nbgrader/source"

FOLDER = re.compile(r"\d\d_[a-z]\w*", re.ASCII)


@dataclass(frozen=True)
class Built:
    """An exercise in its two forms, as the text of notebook files.

    Args:
        folder: ``NN_name``, the exercise's name everywhere.
        solution: with everything, for nbgrader.
        release: for students.
        in_words: the model answers to questions in words, with their rubrics.
    """

    folder: str
    solution: str
    release: str
    in_words: str

    @property
    def file(self) -> str:
        """Where both go in their folders."""
        return f"{self.folder}/{short(self.folder)}.ipynb"

    def targets(self, course: Path) -> dict[Path, str]:
        """What is written for students. Where the package lies beside it, `l2l check` finds there
        what it shows to those who have all points."""
        found = {course / EXERCISES / self.file: self.release}
        room = course / "l2l_ref/checks" / short(self.folder)
        return found | ({room / checks.IN_WORDS: self.in_words} if room.is_dir() else {})


def short(folder: str) -> str:
    """The exercise's name without its number."""
    return folder.split("_", 1)[1]


# The commands


def build_course(course: Path) -> list[tuple[Path, str]]:
    """Write exercises/ and nbgrader's source folder, all or nothing.

    Returns:
        What became of each notebook: its path and a word.

    Raises:
        InputError: a source is faulty, or somebody has filled in a notebook that would be
            overwritten; nothing is written.
    """
    built = build_all(course)
    targets = {path: text for each in built for path, text in each.targets(course).items()}
    releases = {path: text for path, text in targets.items() if path.suffix == ".ipynb"}
    if filled := [path for path, text in releases.items() if filled_in(path, text)]:
        raise InputError(
            f"somebody has edited {_listed(filled)}; nothing was written. Move the file to a "
            "folder of your own ('l2l start' gives you one) or delete it, then build again"
        )
    news = [(path, write_if_new(path, text)) for path, text in targets.items()]
    for exercise in built:
        write_if_new(course / SOURCE / exercise.file, exercise.solution)
    return news


def check_course(course: Path) -> list[str]:
    """What in exercises/ is out of step with solutions/, a line for each file.

    Raises:
        InputError: a source is faulty.
    """
    built = build_all(course)
    targets = {path: text for each in built for path, text in each.targets(course).items()}
    lines = [f"{path}: {problem}" for path in targets if (problem := _problem(path, targets[path]))]
    found = sorted((course / EXERCISES).rglob("*"))
    strays = [path for path in found if path.is_file() and path not in targets]
    strays = [path for path in strays if ".ipynb_checkpoints" not in path.parts]
    return lines + [f"{path}: has no source in {course / SOLUTIONS}" for path in strays]


def _problem(path: Path, text: str) -> str | None:
    """What is wrong with a notebook in exercises/."""
    if not path.exists():
        return "missing; build it with: l2l exercises build"
    if _holds(path, text):
        return None
    if path.suffix == ".ipynb" and filled_in(path, text):
        return "somebody has edited it; move it to a folder of your own and build again"
    return "differs from its source; build it again with: l2l exercises build"


def filled_in(path: Path, text: str) -> bool:
    """Whether a notebook holds something that writing ``text`` over it would lose.

    The build leaves a digest of the cells in each notebook. Where the cells no longer match it,
    somebody has edited them, whatever has become of the source since. A notebook that cannot be
    read, or has lost its digest, counts as edited unless its cells are those of ``text``.
    """
    try:
        there = notebooks.read(path)
    except InputError:
        return path.exists()
    said_now = notebooks.digest(notebooks.parse(text))
    return not notebooks.untouched(there) and notebooks.digest(there) != said_now


def write_if_new(path: Path, text: str) -> str:
    """Write a file unless it says the same already; what was done, in a word."""
    if not path.exists():
        write_whole(path, text)
        return "written"
    if _holds(path, text):
        return "unchanged"
    write_whole(path, text)
    return "rewritten"


def _holds(path: Path, text: str) -> bool:
    """Whether a file says a text; git may have given it the line ends of Windows."""
    return path.read_bytes().replace(b"\r\n", b"\n") == text.encode()


def _listed(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))


# From source to notebooks


def build_all(course: Path) -> list[Built]:
    """Build every exercise in memory.

    Raises:
        InputError: there is no solutions/, or a source is faulty.
    """
    need("grading", "jupytext", "nbformat", "nbgrader")
    folder = course / SOLUTIONS
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}; run this in the course's own folder")
    found = sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._")
    return [build(path / f"{_name(path)}.py") for path in found]


def _name(folder: Path) -> str:
    """The name of the source in a folder of solutions/."""
    if not FOLDER.fullmatch(folder.name):
        raise InputError(f"{folder} is not called NN_name, as 01_leaf_tensors is")
    return short(folder.name)


def points_of(name: str) -> Mapping[str, float] | None:
    """The points of each question, where the exercise has a check."""
    return checks.get_check(name).points if name in checks.NAMES else None


def build(path: Path) -> Built:
    """Build one exercise from its source.

    Raises:
        InputError: the source is faulty; the message names file and line.
    """
    source = Source(path)
    source.check_metadata()
    cut = source.regions()
    points = points_of(path.stem)
    if points is not None:
        source.check_questions(points)
    solution = source.notebook
    release = _release(solution, path)
    source.check_leaks(cut, release)
    stamp = {"exercise": path.parent.name, "release": notebooks.digest(release)}
    for notebook in (solution, release):
        notebook.metadata[notebooks.STAMP] = stamp
    return Built(path.parent.name, _text(solution), _text(release), source.in_words())


def _release(solution, path: Path):
    """What nbgrader's generate_assignment makes of a notebook, without its database.

    Raises:
        InputError: nbgrader refuses.
    """
    from nbgrader import preprocessors as steps

    notebook, resources = copy.deepcopy(solution), {}
    for step in (
        steps.LockCells,
        steps.ClearSolutions,
        steps.ClearOutput,
        steps.CheckCellMetadata,
        steps.ComputeChecksums,
        steps.ClearHiddenTests,
        steps.ClearMarkScheme,
        steps.ComputeChecksums,
        steps.CheckCellMetadata,
    ):
        try:
            notebook, resources = step().preprocess(notebook, resources)
        except Exception as error:  # nbgrader raises RuntimeError, ValueError, KeyError, ...
            raise InputError(f"{path}: nbgrader's {step.__name__} says: {error}") from None
    return notebook


def _text(notebook) -> str:
    import nbformat

    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"
