"""A student's own copy of an exercise."""

from pathlib import Path

import l2l_ref

from ...support.errors import InputError
from ...support.files import write_whole
from .. import notebooks

WORK = Path("work")


def start(name: str) -> tuple[Path, str]:
    """Copy an exercise into ``work/`` here, never over edited answers.

    Args:
        name: ``01_leaf_tensors``, ``leaf_tensors`` or ``1``.

    Returns:
        Where the copy is, and what was done, in a sentence.

    Raises:
        InputError: there is no such exercise, or it cannot be written there.
    """
    released = find(name)
    path = WORK / released.parent.name / released.name
    content = released.read_bytes()
    if not path.exists():
        write_whole(path, content)
        return path, "is your copy"
    if path.read_bytes() == content:
        return path, "is there already, and nobody has edited it"
    if not _untouched(path):
        return path, "is there already, with your answers; it was left alone"
    write_whole(path, content)
    return path, "had no answers in it; it was replaced by the course's present version"


def _untouched(path: Path) -> bool:
    try:
        return notebooks.untouched(notebooks.read(path))
    except InputError:
        return False


def find(name: str) -> Path:
    """The notebook of an exercise.

    Raises:
        InputError: there is none of that name.
    """
    released = {path.parent.name: path for path in sorted(released_folder().glob("*/*.ipynb"))}
    for folder, path in released.items():
        number, short = folder.split("_", 1)
        if name in (folder, short, number) or (name.isdecimal() and int(name) == int(number)):
            return path
    raise InputError(f"there is no exercise {name!r}; the exercises are {', '.join(released)}")


def released_folder() -> Path:
    """The exercises: inside the installed package, or beside it in a checkout.

    Raises:
        InputError: they are in neither place.
    """
    package = Path(l2l_ref.__file__).parent
    places = [package / "exercises", package.parent / "exercises"]
    for place in places:
        if any(place.glob("*/*.ipynb")):
            return place
    raise InputError(
        f"the exercises are in neither {places[0]} nor {places[1]}; install the course again, or "
        "copy a notebook from its repository"
    )
