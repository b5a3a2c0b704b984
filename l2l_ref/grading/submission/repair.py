"""A damaged submission -> a notebook that can be graded.

`salvage` reads what the file holds, `graft` puts it into the places of the release. An undamaged
submission comes back with the same sources and no notes, and so does one that was repaired.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...support.errors import InputError
from ...support.files import write_whole
from .. import notebooks
from ..printable import beginning
from ..questions import asked, exercise_of
from ..release import start
from .graft import Graft, Place
from .salvage import AGAIN, Beyond, Cell, salvage, sequence

__all__ = ["Beyond", "Repaired", "repair", "repair_file"]


@dataclass(frozen=True)
class Repaired:
    """A notebook of format 4.5 without outputs, and what was done to it, a sentence each."""

    notebook: dict
    notes: list[str]


def repair(release: dict, text: str, exercise: str) -> Repaired:
    """Put what a student handed in into the form of the release.

    Args:
        release: the notebook that students were given.
        text: of the file that was handed in.
        exercise: its name, ``leaf_tensors`` or ``01_leaf_tensors``.

    Raises:
        Beyond: there is nothing to repair; the message says what was found and what to ask for.
    """
    cells, notes = salvage(text)
    graft = Graft(release, cells)
    name = exercise.partition("_")[2] if exercise[:1].isdigit() else exercise
    _check_exercise(graft.places, cells, name)
    notebook = graft.run()
    return Repaired(notebook, notes + graft.notes())


def _check_exercise(places: list[Place], cells: list[Cell], exercise: str) -> None:
    """See that a notebook is of this exercise.

    Raises:
        Beyond: it is not.
    """
    names = {place.defines for place in places if place.defines}
    questions = {place.name for place in places if place.defines}
    codes = [cell.code for cell in cells if cell.kind == "code"]
    checks = {name for code in codes for name in code.checks}
    asks = {question for code in codes for question in code.asks}
    here = {name for code in codes for name in code.definitions} & names
    ours, others = len(asks & questions) + len(here), len(asks - questions) + len(checks)
    if exercise in checks or ours > others:
        return
    wanted = f"hand in the notebook of {exercise}"
    if checks:
        found = beginning(sequence(sorted(checks)))
        raise Beyond(f"the notebook is of another exercise, {found}; please {wanted}")
    if asks:
        found = beginning(sequence(sorted(asks)))
        raise Beyond(
            f"the notebook asks questions of another exercise than {exercise}: {found}; please "
            f"{wanted}"
        )
    if not _shares_a_cell(places, cells):
        raise Beyond(f"nothing in the notebook belongs to {exercise}; {AGAIN}")


def _shares_a_cell(places: list[Place], cells: list[Cell]) -> bool:
    said = {place.source.strip() for place in places if len(place.source) > 40}
    return any(cell.source.strip() in said for cell in cells)


# The command


def repair_file(path: Path, out: Path | None, exercise: str | None) -> tuple[Path, list[str]]:
    """Repair a notebook, into a file beside it.

    Args:
        path: of the notebook; it is not changed.
        out: where the repaired one goes; by default NAME.repaired.ipynb beside it.
        exercise: which it is, where its code and name do not tell.

    Returns:
        Where it is, and the notes.

    Raises:
        InputError: the file cannot be read, is beyond repair, or would be written over another.
    """
    text = _read(path)
    found = start.find(exercise) if exercise else start.find(_recognise(path, text))
    repaired = repair(notebooks.read(found), text, found.parent.name)
    out = out or path.with_suffix(".repaired.ipynb")
    content = json.dumps(repaired.notebook, indent=1, ensure_ascii=False) + "\n"
    if out.exists():
        if out.read_bytes() != content.encode():
            raise InputError(f"{out} is there already; move it away, or name another with --out")
    else:
        write_whole(out, content)
    return out, repaired.notes


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def _recognise(path: Path, text: str) -> str:
    """The exercise that a damaged notebook is.

    Raises:
        Beyond: nothing tells.
    """
    released = sorted(start.released_folder().glob("*/*.ipynb"))
    known = {file.stem: lambda file=file: _questions(file) for file in released}
    codes = [cell.source for cell in salvage(text)[0] if cell.kind == "code"]
    name = exercise_of(codes, [path.stem, path.resolve().parent.name], known)
    if name not in known:
        raise Beyond(
            f"nothing in {path} tells which exercise it is; name it with --exercise, one of "
            f"{', '.join(known)}"
        )
    return name


def _questions(released: Path) -> Mapping[str, None]:
    codes = [cell.source for cell in notebooks.cells(notebooks.read(released))]
    return dict.fromkeys(question for code in codes for question in asked(code))
