"""Notebooks as files.

Colab strips metadata, VS Code renames cells, and a file may be broken. So a notebook is read as
plain JSON, and nothing is expected of it but cells with a type and a source.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..support.errors import InputError

#: The notebook metadata that the build leaves: ``{"exercise": ..., "release": digest}``.
STAMP = "l2l"


@dataclass(frozen=True)
class Cell:
    """What counts of a cell: its type (``code``, ``markdown`` or ``raw``) and its source."""

    kind: str
    source: str


def read(path: Path) -> dict:
    """Read a notebook.

    Raises:
        InputError: the file is missing, broken, or no notebook.
    """
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"there is no file {path}") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is broken, or no notebook ({error}); save it again from the editor that it "
            "comes from"
        ) from None


def parse(text: str) -> dict:
    """A notebook from the text of its file.

    Raises:
        ValueError: it is none.
    """
    notebook = json.loads(text)
    cells(notebook)
    return notebook


def cells(notebook: object) -> list[Cell]:
    """The cells of a notebook that was read as JSON.

    Raises:
        ValueError: it has none, or one without a type or source.
    """
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(found, list):
        raise ValueError("it has no list of cells")
    return [_cell(cell, number) for number, cell in enumerate(found, 1)]


def codes(notebook: dict) -> Iterator[tuple[dict, str]]:
    """The code cells of a notebook that `submission.repair` has made, each with what it says."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            yield cell, "".join(cell["source"])


def _cell(cell: object, number: int) -> Cell:
    kind, source = (cell.get(key) for key in ("cell_type", "source")) if _is_dict(cell) else ("", 0)
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)  # the format allows both
    if not isinstance(kind, str) or not isinstance(source, str):
        raise ValueError(f"cell {number} has no type or no source")
    return Cell(kind, source)


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def digest(notebook: dict) -> str:
    """A fingerprint of what a notebook's cells say; outputs, ids and metadata do not count."""
    said = [[cell.kind, cell.source] for cell in cells(notebook)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def untouched(notebook: dict) -> bool:
    """Whether the cells say what they said when the build wrote them.

    A notebook whose metadata was stripped cannot show it, and counts as touched.
    """
    metadata = notebook.get("metadata")
    stamp = metadata.get(STAMP) if _is_dict(metadata) else None
    return _is_dict(stamp) and stamp.get("release") == digest(notebook)
