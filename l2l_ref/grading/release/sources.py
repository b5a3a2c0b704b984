"""The source of an exercise, and what must hold for it.

It is a script in jupytext's percent format, with ``nbgrader={...}`` on the line of each cell that
nbgrader should know. Everything that could ship an answer, or lose points, fails here with file and
line.
"""

import ast
import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...support.errors import InputError
from ..questions import alone, asked, imported
from . import markers

KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
GRADE_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # as nbformat wants a cell's id


class Source:
    """The source of an exercise, and what must hold for it.

    Args:
        path: of the percent script.

    Raises:
        InputError: it cannot be read.
    """

    def __init__(self, path: Path):
        import jupytext

        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read {path}: {error}") from None
        self.lines = text.split("\n")
        self.notebook = jupytext.reads(text, fmt="py:percent")
        self.cells = self.notebook.cells
        self.heads = [k for k, line in enumerate(self.lines) if re.match(r"# ?%%+( |$)", line)]
        if len(self.heads) != len(self.cells):
            raise InputError(
                f"{path}: {len(self.cells)} cells but {len(self.heads)} lines that begin with "
                "'# %%'; every cell needs one"
            )
        self._make_the_same_every_time()

    def _make_the_same_every_time(self) -> None:
        """Fix what jupytext draws or adds: ids, spacing, the notebook's metadata."""
        self.notebook.metadata = type(self.notebook)(copy.deepcopy(KERNEL))
        self.notebook.nbformat, self.notebook.nbformat_minor = 4, 5
        plain = 0
        for index, cell in enumerate(self.cells):
            cell.metadata.pop("lines_to_next_cell", None)
            if "nbgrader" in cell.metadata:
                cell.id = self._grade_id(index)
            else:
                cell.id = f"text-{plain:03d}"
                plain += 1

    def _grade_id(self, index: int) -> str:
        meta = self.cells[index].metadata.nbgrader
        name = meta.get("grade_id") if isinstance(meta, dict) else None
        if not isinstance(name, str) or not GRADE_ID.fullmatch(name):
            self.fail(index, None, "grade_id must be 1 to 64 letters, digits, - or _")
        if name.startswith("text-"):
            self.fail(index, None, "a grade_id must not begin with 'text-'")
        return name

    def fail(self, index: int, line: int | None, problem: str):
        """Say what is wrong, and where: a line of a cell, or its head for None.

        Raises:
            InputError: always.
        """
        raise InputError(f"{self.path}:{self.line_number(index, line)}: {problem}")

    def line_number(self, index: int, line: int | None) -> int:
        """The line of the file, from 1, that holds a line of a cell, from 0."""
        head = self.heads[index]
        if line is None:
            return head + 1
        first = head + 1
        while first < len(self.lines) and self.lines[first].strip() in ("", '"""', 'r"""'):
            first += 1  # jupytext drops empty lines above a cell's text
        return first + line + 1

    def regions(self) -> dict[int, list[markers.Region]]:
        """The regions of each cell.

        Raises:
            InputError: a marker is misspelt or unbalanced, or stands in the wrong cell.
        """
        found = {}
        for index, cell in enumerate(self.cells):
            try:
                found[index] = markers.regions(cell.source, cell.cell_type == "code")
            except markers.BadMarker as bad:
                self.fail(index, bad.line, bad.problem)
            for region in found[index]:
                self._check_region(index, region)
        return found

    def _check_region(self, index: int, region: markers.Region) -> None:
        wanted = {"SOLUTION": "solution", "HIDDEN TESTS": "grade", "MARK SCHEME": "task"}
        key = wanted[region.kind]
        if not self.says(index, key):
            self.fail(
                index,
                region.first,
                f'BEGIN {region.kind} in a cell whose nbgrader metadata does not say "{key}": true',
            )

    def in_words(self) -> str:
        """The model answers to the questions in words, with their rubrics."""
        cells = enumerate(self.cells)
        words = [
            cell.source
            for index, cell in cells
            if self.says(index, "solution") and cell.cell_type == "markdown"
        ]
        return "\n\n".join(words) + "\n"

    def says(self, index: int, key: str) -> bool:
        """Whether a cell's nbgrader metadata says something."""
        return bool(self.cells[index].metadata.get("nbgrader", {}).get(key))

    def check_metadata(self) -> None:
        """See that jupytext understood every nbgrader={...}, and that ids are unique.

        Raises:
            InputError: it did not.
        """
        seen: dict[str, int] = {}
        for index, cell in enumerate(self.cells):
            if "nbgrader" in self.lines[self.heads[index]] and "nbgrader" not in cell.metadata:
                self.fail(index, None, "this nbgrader={...} is not read as metadata; is it JSON?")
            if cell.id in seen:
                first = self.line_number(seen[cell.id], None)
                self.fail(index, None, f"the grade_id {cell.id!r} is taken in line {first}")
            seen[cell.id] = index

    def check_questions(self, points: Mapping[str, float]) -> None:
        """See that the notebook asks each question once, for its points, and cuts its answer.

        Raises:
            InputError: it does not.
        """
        name, codes = self.path.stem, [c.source for c in self.cells if c.cell_type == "code"]
        if not any(name in imported(code) for code in codes):
            raise InputError(f"{self.path}: no cell says 'from l2l_ref.checks.{name} import check'")
        places: dict[str, int] = {}
        for index, question in self._check_cells():
            if question not in points:
                self.fail(index, 0, f"the check has no question {question!r}: {', '.join(points)}")
            if question in places:
                first = self.line_number(places[question], 0)
                self.fail(index, 0, f"{question!r} is asked in line {first} already")
            places[question] = index
            given = self.cells[index].metadata.nbgrader.get("points")
            if given != points[question]:
                self.fail(index, None, f"{given} points, but the check gives {points[question]:g}")
        if missing := [question for question in points if question not in places]:
            raise InputError(f"{self.path}: no cell asks check({missing[0]!r})")
        defined = {name for cell in self._solution_cells() for name in _defined(cell.source)}
        if missing := [question for question in points if question not in defined]:
            raise InputError(f"{self.path}: no solution cell defines {missing[0]}")

    def _check_cells(self) -> Iterator[tuple[int, str]]:
        """Index and question of the cells that are graded automatically."""
        for index, cell in enumerate(self.cells):
            if cell.cell_type != "code" or not self.says(index, "grade"):
                if cell.cell_type == "code" and asked(cell.source):
                    self.fail(index, 0, 'a check in a cell whose metadata does not say "grade"')
                continue
            question = alone(cell.source)
            if question is None:
                self.fail(index, 0, 'a graded code cell must be check("QUESTION") and nothing else')
            yield index, question

    def _solution_cells(self) -> list:
        return [
            cell
            for index, cell in enumerate(self.cells)
            if cell.cell_type == "code" and self.says(index, "solution")
        ]

    def check_leaks(self, cut: dict[int, list[markers.Region]], release) -> None:
        """See that no released cell holds a line that was cut from any cell.

        Raises:
            InputError: one does; the message names both lines.
        """
        said = [markers.squeeze(cell.source) for cell in release.cells]
        hidden = set(self._cut_lines(cut))
        for index, line in sorted(hidden):
            for leak in markers.telling(self.cells[index].source.split("\n")[line]):
                if places := [k for k, text in enumerate(said) if leak in text]:
                    at = self.line_number(places[0], self._shown(places[0], leak, hidden))
                    self.fail(
                        index,
                        line,
                        "this line is cut from the students' notebook, but they can read it in "
                        f"line {at}; if that is meant, end this line with '{markers.MEANT}'",
                    )

    def _cut_lines(self, cut: dict[int, list[markers.Region]]) -> Iterator[tuple[int, int]]:
        """Cell and line of everything that students must not see."""
        for index, cell in enumerate(self.cells):
            solution = [region for region in cut[index] if region.kind == "SOLUTION"]
            if self.says(index, "solution") and not solution:
                yield from ((index, line) for line in range(len(cell.source.split("\n"))))
            else:
                for region in cut[index]:
                    yield from ((index, line) for line in range(region.first + 1, region.last))

    def _shown(self, index: int, leak: str, hidden: set[tuple[int, int]]) -> int | None:
        """The first line of a cell that students see and that holds a leak."""
        for number, line in enumerate(self.cells[index].source.split("\n")):
            if (index, number) not in hidden and leak in markers.squeeze(line):
                return number
        return None


def _defined(source: str) -> list[str]:
    """The functions and classes that a cell defines."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return []
    return [node.name for node in statements if isinstance(node, ast.FunctionDef | ast.ClassDef)]
