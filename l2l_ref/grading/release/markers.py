"""Which lines of a source are not for students.

nbgrader cuts what stands between ``### BEGIN SOLUTION`` and ``### END SOLUTION``, and the same for
HIDDEN TESTS and MARK SCHEME. It ships a region whose marker is misspelt without a word, so here
anything that resembles a marker must be one, alone on its line, and balanced.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product

REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
EXACT = re.compile(rf"\W*(BEGIN|END) ({'|'.join(REGIONS)})\W*")

#: What a misspelling is compared with, letters only: in any case at the start of a comment or of a
#: line of text, and in capitals anywhere.
LOOKS = tuple(
    verb + region.replace(" ", "").lower()
    for verb, region in product(("begin", "end", "start", "stop"), REGIONS)
)
LOOKS_IN_CAPITALS = LOOKS + tuple(
    verb + region
    for verb, region in product(("begin", "end"), ("hidden", "test", "tests", "mark", "scheme"))
)
LIKENESS = 0.8  # difflib's ratio; 1 for equal words


class BadMarker(Exception):
    """A marker that would not do what it seems to.

    Args:
        line: its number in the cell, from 0.
        problem: what is wrong, and what to write.
    """

    def __init__(self, line: int, problem: str):
        super().__init__(problem)
        self.line, self.problem = line, problem


@dataclass(frozen=True)
class Region:
    """Lines of a cell that the build cuts: those between ``first`` and ``last``, the markers."""

    kind: str
    first: int
    last: int


def regions(source: str, is_code: bool) -> list[Region]:
    """The regions of a cell.

    Raises:
        BadMarker: a marker is misspelt, not alone on its line, or not balanced.
    """
    found, opened = [], None
    for number, line in enumerate(source.split("\n")):
        marker = _marker(line, number, is_code)
        if marker is None:
            continue
        verb, kind = marker
        if verb == "BEGIN":
            if opened:
                raise BadMarker(number, f"BEGIN {kind} inside a region of {opened[0]}")
            opened = kind, number
        else:
            if opened is None or opened[0] != kind:
                raise BadMarker(number, f"END {kind} without its BEGIN in this cell")
            found.append(Region(kind, opened[1], number))
            opened = None
    if opened:
        raise BadMarker(opened[1], f"BEGIN {opened[0]} without its END in this cell")
    return found


def _marker(line: str, number: int, is_code: bool) -> tuple[str, str] | None:
    """Verb and kind of the marker on a line, if there is one."""
    exact = EXACT.fullmatch(line)
    if exact and (not is_code or line.lstrip().startswith("#")):
        return exact.group(1), exact.group(2)
    if resembles_marker(line, is_code):
        raise BadMarker(
            number,
            f"{line.strip()!r} resembles a marker and is none; write '### BEGIN SOLUTION' or "
            "'### END SOLUTION' (or HIDDEN TESTS, MARK SCHEME), alone on its line, or other words",
        )
    if "AUTOTEST" in line:
        raise BadMarker(number, "AUTOTEST makes nbgrader write a test of its own here; use a check")
    return None


def resembles_marker(line: str, is_code: bool) -> bool:
    """Whether somebody may have meant a line as a marker."""
    prose = line.partition("#")[2] if is_code else line
    capitals = re.sub(r"[^A-Z]+", " ", re.sub(r"\w*[a-z]\w*", " ", line)).split()
    return _resembles(_words(prose), LOOKS, 0) or any(
        _resembles(capitals, LOOKS_IN_CAPITALS, start) for start in range(len(capitals))
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+", text)


def _resembles(words: list[str], looks: tuple[str, ...], start: int) -> bool:
    """Whether the words from a place on read like one of the looks."""
    said = ["".join(words[start:end]).lower() for end in range(start + 1, start + 5)]
    return any(
        _alike(text, look) and (_alike(text[:5], look[:5]) or text[:3] == look[:3])
        for text in said
        for look in looks
    )


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= LIKENESS


# Leaks

#: A line with fewer words says too little to be a leak: ``else:``, ``return loss``.
WORDS, CHARACTERS = 4, 15

#: How a cut line says that students see it elsewhere, because it is meant to be seen.
MEANT = "# in a hint"


def telling(line: str) -> set[str]:
    """A cut line as a leak would show it, without spaces, with and without its trailing comment.

    Empty if the line could stand anywhere, or says that students see it in a hint.
    """
    if line.rstrip().endswith(MEANT):
        return set()
    text = line.strip().lstrip("#>*- ")
    return {
        squeeze(part)
        for part in (text, text.partition(" #")[0])
        if len(re.findall(r"\w+", part)) >= WORDS and len(squeeze(part)) >= CHARACTERS
    }


def squeeze(text: str) -> str:
    """A text without spaces and Markdown's marks, so that layout hides no leak."""
    return re.sub(r"[\s`*#>]", "", text).replace("'", '"')
