"""What came of a class, on the screen.

Names and reasons come from students' files, so nothing is printed that could steer a terminal.
"""

from collections import defaultdict

from ..printable import padded, printable, width

HEAD = ("student", "points", "repaired", "flags", "seconds")


def table(data: dict) -> str:
    """The lines that `l2l grade` ends with.

    Args:
        data: as `batch.summary` makes it.
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
    columns = [max(width(row[k]) for row in rows) for k in range(len(HEAD))]
    return [
        "  ".join(padded(*pair) for pair in zip(row, columns, strict=True)).rstrip() for row in rows
    ]


def _cells(row: dict) -> tuple[str, ...]:
    failed = row["status"] == "failed"
    return (
        printable(row["student"]),
        "failed to run" if failed else f"{row['points']:g} of {row['out_of']:g}",
        str(len(row["repairs"]) or ""),
        str(len(row["flags"]) or ""),
        f"{row['seconds']['all']:.1f}" if row["graded_now"] else "before",
    )


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
    said = {
        "missing": "nothing handed in",
        "waiting": "not graded yet",
        "created": "not on the roster, put there",
    }
    return [
        f"{text}: {', '.join(map(printable, data[name]))}"
        for name, text in said.items()
        if data[name]
    ]


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
