"""What came of a class, as plain data and on the screen.

Names and reasons come from students' files, so nothing is printed that could steer a terminal.
"""

import math
from collections import defaultdict

from ..printable import padded, printable, width
from .batch import Graded
from .collecting import PERSON

#: The columns; those of `IF_ANY` only where there is something to say.
HEAD = ("student", "points", "by hand", "late", "total", "repaired", "flags", "seconds")
IF_ANY = ("by hand", "late", "total")

#: Units of lateness with their seconds, and the count from which the larger one reads better.
UNITS = (("s", 1, 120), ("min", 60, 120), ("h", 3600, 72), ("d", 86400, float("inf")))


# As data


def summary(graded: Graded) -> dict:
    """What came of a class, as plain data."""
    rows = [_facts(graded, student) for student in sorted(graded.records)]
    return {
        "assignment": graded.assignment,
        "students": rows,
        "counts": {
            "graded": sum(row["status"] == "graded" for row in rows),
            "repaired": sum(bool(row["repairs"]) for row in rows),
            "failed": sum(row["status"] == "failed" for row in rows),
            "flagged": sum(bool(row["flags"]) for row in rows),
            "missing": len(graded.missing),
            "waiting": len(graded.waiting),
        },
        "missing": graded.missing,
        "waiting": graded.waiting,
        "created": graded.created,
        "alike": graded.alike,
        "problems": graded.problems,
        "notes": graded.notes,
        "speed": _spent(graded),
    }


def _facts(graded: Graded, student: str) -> dict:
    record = graded.records[student]
    failed = record["status"] == "failed"
    return {
        "student": student,
        "status": record["status"],
        "points": None if failed else record["points"],
        "out_of": record["out_of"],
        "why": record["why"],
        "repairs": record["repairs"],
        "flags": graded.flags[student],
        "remarks": record["remarks"],
        "outdated": graded.outdated.get(student, []),
        **_standing(graded, student),
        "check_version": record["check_version"],
        "seconds": record["seconds"],
        "graded_now": student in graded.fresh,
    }


def _standing(graded: Graded, student: str) -> dict:
    """Points by hand, lateness and total; times in UTC. All is unknown if nothing was entered."""
    standing = graded.standings.get(student)
    names = ("by_hand", "handed_in", "due", "extended", "late", "penalty", "undated", "total")
    values = {name: getattr(standing, name, None) for name in names}
    for name in ("handed_in", "due"):
        values[name] = f"{values[name].isoformat()}Z" if values[name] else None
    for name in ("called_late", "dated_by"):
        values[name] = getattr(graded, name).get(student, "")
    return values


def _spent(graded: Graded) -> dict:
    """How fast it went, and where the time of the submissions graded now was spent."""
    now = [graded.records[student]["seconds"] for student in graded.fresh]
    spent = {
        name: round(sum(seconds.get(name, 0.0) for seconds in now), 2)
        for name in ("start", "import", "cells", "examination", "all")
    }
    took = graded.seconds["grading"]
    return {
        "graded_now": len(now),
        "seconds": {name: round(value, 2) for name, value in graded.seconds.items()},
        "per_minute": round(60 * len(now) / took, 1) if now and took else None,
        "spent": spent,
    }


# On the screen


def table(data: dict) -> str:
    """The lines that `l2l grade` ends with.

    Args:
        data: as `summary` makes it.
    """
    blocks = [
        _rows(data["students"]),
        _details(data),
        [*_who(data), *map(printable, data["notes"])],
        [f"!! {printable(problem)}" for problem in data["problems"]],
        [_counts(data["counts"]), *_speed(data["speed"])],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _rows(students: list[dict]) -> list[str]:
    rows = [HEAD, *map(_cells, students)]
    marked = any(row[HEAD.index(name)] for row in rows[1:] for name in IF_ANY[:2])
    shown = [
        k
        for k, name in enumerate(HEAD)
        if name not in IF_ANY or (marked and any(row[k] for row in rows[1:]))
    ]
    rows = [tuple(row[k] for k in shown) for row in rows]
    columns = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(padded(*pair) for pair in zip(row, columns, strict=True)).rstrip() for row in rows
    ]


def _cells(row: dict) -> tuple[str, ...]:
    failed = row["status"] == "failed"
    return (
        printable(row["student"]),
        "failed to run" if failed else f"{row['points']:g} of {row['out_of']:g}",
        f"{row['by_hand']:+g}" if row["by_hand"] else "",
        _late(row),
        "" if row["total"] is None else f"{row['total']:g}",
        str(len(row["repairs"]) or ""),
        str(len(row["flags"]) or ""),
        f"{row['seconds']['all']:.1f}" if row["graded_now"] else "before",
    )


def _late(row: dict) -> str:
    """How late somebody is, and what that costs; a question mark where nobody knows."""
    if row["undated"] or row["called_late"]:
        return "?"
    if not row["late"]:
        return ""
    unit, seconds, _ = next(one for one in UNITS if row["late"] < one[1] * one[2])
    cost = f" {-row['penalty']:g}" if row["penalty"] else ""
    return f"{math.ceil(row['late'] / seconds)} {unit}{cost}"


def _details(data: dict) -> list[str]:
    """Why somebody failed, and what is flagged."""
    lines = []
    for row in data["students"]:
        student = printable(row["student"])
        if row["status"] == "failed":
            lines.append(f"{student} failed to run: {printable(row['why'])}")
        cells = defaultdict(list)
        for flag in row["flags"]:
            cells[flag["reason"]].append(flag["cell"] or "no cell")
        for reason, where in cells.items():
            names = printable(", ".join(dict.fromkeys(where)))
            lines.append(f"{student} flagged ({names}): {printable(reason)}")
        if row["outdated"]:
            scores = printable(", ".join(row["outdated"]))
            lines.append(f"{student} has old scores by hand, to be looked at again: {scores}")
    return lines + _alike(data["alike"])


def _alike(pairs: list[dict]) -> list[str]:
    """Whose answers are alike: all whom a chain of pairs connects, in one line."""
    cells = defaultdict(list)
    for cell in dict.fromkeys(pair["cell"] for pair in pairs):
        for group in _groups([pair for pair in pairs if pair["cell"] == cell]):
            cells[group].append(printable(cell))
    return [
        f"alike in {', '.join(where)}: {', '.join(map(printable, group))}"
        for group, where in cells.items()
    ]


def _groups(pairs: list[dict]) -> list[tuple[str, ...]]:
    groups: list[set[str]] = []
    for pair in pairs:
        both = {pair["one"], pair["other"]}
        touched = [group for group in groups if group & both]
        groups = [group for group in groups if not group & both] + [both.union(*touched)]
    return [tuple(sorted(group)) for group in groups]


def _who(data: dict) -> list[str]:
    rows = data["students"]
    said = {
        "nothing handed in": data["missing"],
        "not graded yet": data["waiting"],
        "not on the roster, put there": data["created"],
        "with an extension": [row["student"] for row in rows if row["extended"]],
        "timestamp.txt is not from nbgrader's exchange": [
            row["student"] for row in rows if row["dated_by"] == PERSON
        ],
        "Canvas calls these late; say by how much with --times": [
            row["student"] for row in rows if row["called_late"]
        ],
        "handed in nobody knows when, so no penalty; say it with --times": [
            row["student"] for row in rows if row["undated"] and not row["called_late"]
        ],
    }
    return [f"{text}: {', '.join(map(printable, names))}" for text, names in said.items() if names]


def _counts(counts: dict) -> str:
    waiting = f", {counts['waiting']} not graded yet" if counts["waiting"] else ""
    return (
        f"{counts['graded']} graded, {counts['repaired']} repaired, {counts['failed']} failed to "
        f"run, {counts['flagged']} flagged, {counts['missing']} missing{waiting}"
    )


def _speed(speed: dict) -> list[str]:
    if not speed["graded_now"]:
        return ["all of these had been graded before"]
    seconds, spent = speed["seconds"], speed["spent"]
    lines = [
        f"{speed['graded_now']} graded now in {seconds['grading']:.1f} s, "
        f"{speed['per_minute']:g} a minute; the gradebook took {seconds['gradebook']:.1f} s"
    ]
    if whole := spent["all"]:
        parts = {
            "kernel start": spent["start"],
            "import": spent["import"],
            "cells": spent["cells"],
            "examination": spent["examination"],
        }
        parts["the rest"] = max(0.0, whole - sum(parts.values()))
        shares = ", ".join(f"{name} {value / whole:.0%}" for name, value in parts.items())
        lines.append(f"where {whole:.1f} s of work went: {shares}")
    return lines
