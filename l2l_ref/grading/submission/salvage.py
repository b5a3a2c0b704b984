"""The text of a submitted file -> its cells, whatever has happened to the file.

Editors, merges and broken uploads damage files, and a file may have been made to harm its reader.
So the text is bounded before it is read, what can be read is read, and outputs are dropped.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

from ...support.errors import InputError
from ..printable import beginning
from ..questions import python
from .definitions import READ, Code, code_of

#: Characters of a file. Pictures and widgets make notebooks of some ten million; reading JSON
#: takes a second for this many.
FILE = 100_000_000

#: Objects, lists and commas of a file, which cost the memory: some 200 bytes for each opening
#: bracket, 40 for each comma. The course's largest notebook has 600 brackets; one with a plot's
#: million numbers passes.
BRACKETS, COMMAS = 500_000, 4_000_000

#: What is kept of a file: its cells, the characters of their sources, and of pictures pasted in.
CELLS, SOURCES, ATTACHMENTS = 2_000, 1_000_000, 4_000_000

#: Places in broken JSON at which reading begins anew, and merge conflicts that are tried both ways.
TRIES = 12

AGAIN = "please hand in the notebook again, saved from the editor (.ipynb)"


class Beyond(InputError):
    """A file that no repair can help; the message says what it is and what to ask for."""


@dataclass
class Cell:
    """A cell as the student left it.

    Args:
        at: its place in the file, from 0.
        kind: ``code``, ``markdown`` or ``raw``.
        source: what it says.
        id: its id, if it has one.
        grade_id: what nbgrader's metadata call it, if there are any.
        nbgrader: those metadata.
        attachments: pictures pasted in.
    """

    at: int
    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    nbgrader: dict = field(default_factory=dict)
    attachments: dict = field(default_factory=dict)

    @property
    def code(self) -> Code:
        """What its code defines, needs and asks, whatever its type has become."""
        return code_of(self.source)


def salvage(text: str) -> tuple[list[Cell], list[str]]:
    """Read the cells of a submitted file.

    Args:
        text: of the file; bytes that are no UTF-8 may stand in it as Python's surrogateescape
            leaves them.

    Returns:
        The cells, and what was done to read them, a sentence each.

    Raises:
        Beyond: there are no cells to be had.
    """
    notes: list[str] = []
    if len(text) > FILE:
        raise Beyond(
            f"the file has {len(text):,} characters, and {FILE:,} are read; please clear the "
            "outputs and hand it in again"
        )
    text = _decoded(text, notes)
    if not text.strip():
        raise Beyond(f"the file is empty; {AGAIN}")
    if "\0" in text or text.startswith("PK\3\4"):
        raise Beyond(f"the file is no text, and so no notebook; {AGAIN}")
    if text.count("{") + text.count("[") > BRACKETS or text.count(",") > COMMAS:
        raise Beyond(
            "the file has more cells or data in it than any notebook of this course; please clear "
            "the outputs, take out what does not belong to the exercise, and hand it in again"
        )
    found = _objects(text, notes)
    if len(found) > CELLS:
        raise Beyond(f"the notebook has {len(found):,} cells, and {CELLS:,} are read; {AGAIN}")
    cells = _cells(found, notes)
    if sum(len(cell.source) for cell in cells) > SOURCES:
        raise Beyond(f"the cells hold more than {SOURCES:,} characters; {AGAIN}")
    _clean(cells, notes)
    return cells, notes


# The text


def _decoded(text: str, notes: list[str]) -> str:
    """The text of a file that was read as UTF-8 and may be something else."""
    if re.search("[\udc80-\udcff]", text):  # bytes that are no UTF-8
        data = text.encode("utf-8", "surrogateescape" if _encodable(text) else "replace")
        is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        encoding = "utf-16" if is_utf16 else "cp1252"
        if not is_utf16 and b"\0" in data:
            return text
        text = data.decode(encoding, "replace")
        notes.append(f"The file was not saved in UTF-8; it was read as {encoding.upper()}.")
    return text.removeprefix("\ufeff")


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


# The JSON


def _objects(text: str, notes: list[str]) -> list:
    """What stands in the list of cells.

    Raises:
        Beyond: there is none.
    """
    notebook, problem, rest = _load(text)
    if problem and _conflicts(text)[1]:
        text = _settled(text, _worth())
        notebook, problem, rest = _load(text)
        notes.append(
            "The file held both sides of a merge conflict of git; where both could be read, the "
            "one with more answers was kept."
        )
    if problem:
        found = _scan(text)
        if not found:
            raise Beyond(f"the file is no notebook ({problem}); {AGAIN}")
        notes.append(
            f"The file is damaged or breaks off ({problem}); {_count(found, 'whole cell')} could "
            "be read."
        )
        return found
    found = _list_of_cells(notebook)
    if not found:
        what = "has no cells" if found == [] else "is JSON and no notebook"
        raise Beyond(f"the file {what}; {AGAIN}")
    if rest:
        notes.append("What stood in the file below the notebook was left out.")
    return found


def _load(text: str) -> tuple[object, str, str]:
    """The value of JSON, what is wrong with it if it has none, and the text below it."""
    text = text.lstrip()
    try:
        value, end = DECODER.raw_decode(text)
    except RecursionError:
        return None, "brackets within brackets without end", ""
    except json.JSONDecodeError as error:
        return None, f"line {error.lineno}: {error.msg}", ""
    return value, "", text[end:].strip()


def _int(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0  # Python refuses very long ones


DECODER = json.JSONDecoder(strict=False, parse_int=_int)


def _list_of_cells(notebook: object) -> list | None:
    """The cells of a notebook, also of format 3, which had worksheets."""
    if not isinstance(notebook, dict):
        return None
    if isinstance(notebook.get("cells"), list):
        return notebook["cells"]
    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list):
        return None
    sheets = [sheet["cells"] for sheet in sheets if isinstance(sheet, dict) and "cells" in sheet]
    return [cell for cells in sheets if isinstance(cells, list) for cell in cells]


CELL_BEGINS = re.compile(
    r'\{\s*"(?:attachments|cell_type|collapsed|execution_count|id|input|metadata|outputs|source)"'
)


def _scan(text: str) -> list[dict]:
    """The whole cells of a file that is no JSON as it stands."""
    begin = re.search(r'"cells"\s*:\s*\[', text)
    found, at, tries = [], begin.end() if begin else 0, 0
    while tries < TRIES and (start := CELL_BEGINS.search(text, at)):
        try:
            value, at = DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            at, tries = start.end(), tries + 1
            continue
        if _is_cell(value):
            found.append(value)
        if len(found) > CELLS:
            break
    return found


def _is_cell(value: object) -> bool:
    return isinstance(value, dict) and ("source" in value or "input" in value)


# Merge conflicts

#: A line that git writes: one side, what both began with, the other side, the end.
MARKER = re.compile(r"^(<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)[^\n]*\n?", re.MULTILINE)


def _conflicts(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The text around its merge conflicts, one piece more than those, and both sides of each."""
    common, sides, begin = [], [], 0
    opened: list[re.Match] = []
    for marker in MARKER.finditer(text):
        if marker[1] == "<" * 7:
            opened = [marker]
        elif opened:
            opened.append(marker)
        if opened and marker[1] == ">" * 7:
            if middle := next((m for m in opened if m[1] == "=" * 7), None):
                common.append(text[begin : opened[0].start()])
                one = text[opened[0].end() : opened[1].start()]
                sides.append((one, text[middle.end() : marker.start()]))
                begin = marker.end()
            opened = []
    return [*common, text[begin:]], sides


def _settled(text: str, worth: Callable[[str], tuple]) -> str:
    """A text without conflicts: of each the side that is worth more, in doubt the first."""
    common, sides = _conflicts(text)

    def merged(choice: list[int]) -> str:
        kept = [side[k] for side, k in zip(sides, choice, strict=True)]
        return "".join(chain(*zip(common, [*kept, ""], strict=True)))

    best = max(([k] * len(sides) for k in (0, 1)), key=lambda choice: worth(merged(choice)))
    most = worth(merged(best))
    for number in range(min(len(sides), TRIES)):
        turned = [1 - k if at == number else k for at, k in enumerate(best)]
        if (now := worth(merged(turned))) > most:
            best, most = turned, now
    return merged(best)


def _worth() -> Callable[[str], tuple]:
    """What a side of a conflict in a file is worth: it can be read, is Python, is answered."""
    is_python = cache(_is_python)

    def worth(text: str) -> tuple:
        notebook, problem, _ = _load(text)
        if problem:
            return False, 0, 0
        cells = _cells(_list_of_cells(notebook) or [], [])
        codes = [cell.source for cell in cells if cell.kind == "code"]
        return True, sum(map(is_python, codes)), -sum("NotImplementedError" in c for c in codes)

    return worth


def _is_python(code: str) -> bool:
    return len(code) <= READ and python(code) is not None


# The cells


def _cells(found: list, notes: list[str]) -> list[Cell]:
    """What was found, as cells; what is none is left out."""
    cells = [_cell(at, value) for at, value in enumerate(found) if _is_cell(value)]
    if len(cells) < len(found):
        notes.append(
            f"{_count(found[len(cells) :], 'entry', 'entries')} in the list of cells had no text "
            "and could not be read."
        )
    room = ATTACHMENTS
    for cell in cells:
        room -= sum(len(json.dumps(each)) for each in cell.attachments.values())
        if room < 0:
            cell.attachments = {}
    if room < 0:
        notes.append(f"Pictures beyond {ATTACHMENTS:,} characters were left out.")
    return cells


def _cell(at: int, value: dict) -> Cell:
    kind = value.get("cell_type")
    source = _text(value.get("source", value.get("input")))
    if kind == "heading":  # of format 3
        kind, source = "markdown", f"# {source}"
    if kind not in ("code", "markdown", "raw"):
        kind = "code" if "outputs" in value else "markdown"
    metadata = _dict(value.get("metadata"))
    nbgrader = _dict(metadata.get("nbgrader"))
    names = [value.get("id"), nbgrader.get("grade_id")]
    names = [name if isinstance(name, str) else "" for name in names]
    attachments = {} if kind == "code" else _attachments(value.get("attachments"))
    return Cell(at, kind, source, *names, nbgrader, attachments)


def _text(source: object) -> str:
    """A source, which the format allows to be a text or a list of lines."""
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _attachments(value: object) -> dict:
    """The pictures of a cell, as far as the format allows them: name -> type -> data."""
    kept = {}
    for name, bundle in _dict(value).items():
        bundle = {
            kind: data
            for kind, data in _dict(bundle).items()
            if _encodable_text(kind) and _encodable_text(_text(data)) and _text(data)
        }
        if bundle and _encodable_text(name):
            kept[name] = {kind: _text(data) for kind, data in bundle.items()}
    return kept


def _encodable_text(text: str) -> bool:
    return not SURROGATE.search(text)


SURROGATE = re.compile("[\ud800-\udfff]")


def _clean(cells: list[Cell], notes: list[str]) -> None:
    """Bring the sources into a form that can be compared, stored and run."""
    before = [cell.source for cell in cells]
    for cell in cells:
        cell.source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
    if before != [cell.source for cell in cells]:
        notes.append("Line ends of another system were turned into those of the course.")
    broken = [cell for cell in cells if SURROGATE.search(cell.source) or "\0" in cell.source]
    for cell in broken:
        cell.source = SURROGATE.sub("\ufffd", cell.source).replace("\0", "\ufffd")
    if broken:
        notes.append(
            f"{_count(broken, 'cell')} held characters that cannot be stored; \ufffd stands for "
            "them."
        )
    for cell in cells:
        _settle(cell, notes)


def _settle(cell: Cell, notes: list[str]) -> None:
    """Decide the merge conflicts in a cell of code; a human reads those in a text."""
    if cell.kind != "code" or not _conflicts(cell.source)[1] or _is_python(cell.source):
        return
    settled = _settled(cell.source, lambda s: (_is_python(s), "NotImplementedError" not in s))
    name = telling(settled)
    if _is_python(settled):
        cell.source = settled.rstrip("\n")
        notes.append(
            f"The cell {name} held both sides of a merge conflict of git; one that is Python was "
            "kept."
        )
    else:
        notes.append(
            f"The cell {name} holds both sides of a merge conflict of git, and neither is Python; "
            "it was left as it is."
        )


# For notes


def telling(source: str) -> str:
    """The line by which a reader knows a cell, in quotation marks, fit for any screen."""
    lines = [line.strip() for line in source[:2000].split("\n") if line.strip()]
    lines = [line for line in lines if line[0] not in "#%<=>"] or lines or [""]
    return f"'{beginning(lines[0])}'"


def _count(things: list, one: str, several: str = "") -> str:
    return f"{len(things):,} {one if len(things) == 1 else several or one + 's'}"


def sequence(names: Iterable[str]) -> str:
    """Names as a sentence lists them."""
    *most, last = list(names)
    return f"{', '.join(most)} and {last}" if most else last
