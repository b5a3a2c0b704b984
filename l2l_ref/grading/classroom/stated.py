"""What an instructor states in a file: rows, as a spreadsheet saves them, and times with a zone.

A time without a zone is refused. nbgrader would take it for UTC, and a learning-management system
means its own clock by it: the hour between them is the one that students argue about.
"""

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from ...support.errors import InputError

#: What separates the fields; some countries' spreadsheets write a semicolon.
SEPARATORS = ",;\t"

EXAMPLES = (
    "2026-10-12T18:00+02:00, 2026-10-12 18:00 +0200, 2026-10-12 18:00 UTC or "
    "2026-10-12 18:00 Europe/Berlin"
)


@dataclass(frozen=True)
class Row:
    """A row of a file.

    Args:
        where: the file and the line, for a message.
        cells: by the name of the column, without spaces around them.
    """

    where: str
    cells: dict[str, str]


def rows_of(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """The rows of a file of comma-separated values; empty lines are passed over.

    Args:
        path: of the file; its first line names the columns, in any order and among others.
        columns: that it must have.

    Raises:
        InputError: there is no such file, it is no such table, or a row lacks a field.
    """
    text = _text(path)
    first = text.lstrip().partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader]
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}") from None
    lines = [(number, line) for number, line in lines if any(line)]
    expected = ",".join(columns)
    if not lines:
        raise InputError(f"{path} is empty; its first line must be {expected}")
    (_, head), *rest = lines
    head = [name.lower() for name in head]
    if missing := [name for name in columns if head.count(name) != 1]:
        raise InputError(
            f"{path}: its first line must name each of the columns {expected} once; not so: "
            f"{', '.join(missing)} (it names {', '.join(head)})"
        )
    rows = []
    for number, line in rest:
        where = f"{path}, line {number}"
        if len(line) != len(head):
            raise InputError(f"{where}: {len(line)} fields; the first line has {len(head)}")
        rows.append(Row(where, dict(zip(head, line, strict=True))))
    return rows


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")  # what Excel calls Unicode text
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as CSV in UTF-8") from None


def moment(text: str, where: str) -> datetime:
    """A time in UTC, without saying so, as nbgrader's gradebook keeps it.

    Args:
        text: as ISO 8601 or nbgrader writes it, with its time zone.
        where: the file and the line, for a message.

    Raises:
        InputError: it is no time, or the zone is missing, unknown, or does not settle the time.
    """
    time = _iso(text)
    if time is None:  # 2026-10-12 18:00 UTC, as nbgrader writes it
        head, _, zone = text.rpartition(" ")
        time = _iso(head.rstrip() + zone) if re.match(r"[+-]\d\d", zone) else _iso(head)
        if time is not None and time.tzinfo is None:
            time = _in_zone(time, zone, where)
    if time is None:
        raise InputError(f"{where}: {text!r} is no time; write it like {EXAMPLES}")
    if time.tzinfo is None:
        raise InputError(
            f"{where}: {text!r} names no time zone, so it may be hours off; write it like "
            f"{EXAMPLES}"
        )
    try:
        return time.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise InputError(f"{where}: {text!r} lies outside the calendar") from None


def _iso(text: str) -> datetime | None:
    """A time of day in ISO 8601; a date alone is none, since it does not say which end of it."""
    try:
        return datetime.fromisoformat(text) if re.match(r"[\dW-]+[T ]\d", text) else None
    except ValueError:
        return None


def _in_zone(time: datetime, name: str, where: str) -> datetime:
    zone = _zone(name)
    if zone is None:
        raise InputError(f"{where}: the time zone {name!r} is not known; write it like {EXAMPLES}")
    inside = [time.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    if inside[0].utcoffset() != inside[1].utcoffset():
        raise InputError(
            f"{where}: in {name} the clocks are changed at {time}, so it comes twice or never; "
            "write its offset, as in 2026-10-25T02:30+02:00"
        )
    return inside[0]


def _zone(name: str) -> tzinfo | None:
    if name in ("UTC", "GMT"):
        return UTC  # also where a system has no time zones
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a folder such as Europe is an OSError
        return None
