"""A submission is read: repaired, and looked at, in a time that nobody's file can exceed."""

from .flags import Flag, flags_of
from .limits import TooLong, at_most
from .repair import Beyond, Repaired, repair

#: Seconds for one submission; a notebook of the course takes a tenth of a second.
PATIENCE = 60.0


def read(release: dict, text: str | None, exercise: str) -> tuple[Repaired, list[Flag]]:
    """A submission in the form of the release, and what a human should look at in it.

    Args:
        release: the notebook that students were given.
        text: of the file that was handed in; None where there is none.
        exercise: its name, ``leaf_tensors``.

    Raises:
        Beyond: it cannot be brought into that form, or not in `PATIENCE`; the message says why.
    """
    if text is None:
        raise Beyond("nothing was handed in that can be read")
    try:
        with at_most(PATIENCE):
            repaired = repair(release, text, exercise)
            return repaired, _flags(repaired.notebook, release, exercise)
    except TooLong:
        raise Beyond(
            f"reading the file took longer than {PATIENCE:g} s, so nothing of it was run; a person "
            "must look at it"
        ) from None


def _flags(notebook: dict, release: dict, exercise: str) -> list[Flag]:
    """Its flags. Code that cannot be read costs no points: it is a flag."""
    try:
        return flags_of(notebook, release, exercise)
    except Exception as error:
        return [Flag("", f"It could not be read here ({type(error).__name__}: {error}).")]
