"""A notebook -> points and reasons.

The notebook runs from top to bottom in a fresh kernel, and each question is examined where the
notebook asks for it, as it is when it is handed in. Only the cells' code counts: editors may have
stripped the metadata or changed the ids. The file itself is never written to.
"""

import textwrap
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from ... import checks
from ...support.errors import InputError
from .. import notebooks
from ..cage.sandbox import Limits
from ..questions import alone, asked, exercise_of
from .running import Outcome, Run

#: What a cell says that waits for an answer in words; nbgrader writes it.
WAITING = "YOUR ANSWER HERE"

#: A notebook may take this many times as long as one of its cells.
CELLS_IN_ALL = 10


class NotAnExercise(InputError):
    """A notebook that is none of the course's."""


@dataclass
class Result:
    """What a notebook earned.

    Args:
        path: of the notebook.
        exercise: the exercise it is.
        version: of the check.
        outcomes: a question each, in the exercise's order.
        remarks: what went wrong in cells, a line each.
        in_words: whether the question in words has been answered.
    """

    path: Path
    exercise: str
    version: str
    outcomes: list[Outcome]
    remarks: list[str]
    in_words: bool = True

    @property
    def points(self) -> float:
        """What was earned."""
        return round(sum(outcome.points for outcome in self.outcomes), 2)

    @property
    def out_of(self) -> float:
        """What can be earned without a human."""
        return round(sum(outcome.out_of for outcome in self.outcomes), 2)

    @property
    def complete(self) -> bool:
        """Whether all points are there."""
        return self.points >= self.out_of

    def to_json(self) -> dict:
        """The result as plain data."""
        return {
            "notebook": str(self.path),
            "exercise": self.exercise,
            "version": self.version,
            "points": self.points,
            "out_of": self.out_of,
            "questions": [vars(outcome) for outcome in self.outcomes],
            "remarks": self.remarks,
        }


def find_notebooks(folder: Path) -> list[Path]:
    """The notebooks of a folder and those below it; hidden folders hold copies, not answers.

    Raises:
        InputError: there is none.
    """
    below = (found.relative_to(folder) for found in sorted(folder.rglob("*.ipynb")))
    found = [folder / name for name in below if not any(part[0] == "." for part in name.parts)]
    if not found:
        raise InputError(f"there is no notebook in {folder}")
    return found


def check_notebook(path: Path, seconds: float) -> Result:
    """Run a notebook and examine its answers.

    Args:
        path: of the notebook.
        seconds: that a cell, or the check of a question, may take; the whole notebook may take
            `CELLS_IN_ALL` times as long.

    Raises:
        InputError: the file cannot be read as a notebook.
        NotAnExercise: it is none of this course.
    """
    cells = notebooks.cells(notebooks.read(path))
    codes = [cell.source for cell in cells if cell.kind == "code"]
    check = checks.get_check(recognise(path, codes))
    with Run(check, Limits(cell=seconds, notebook=seconds * CELLS_IN_ALL)) as run:
        for code in tqdm(codes, path.name, unit="cell", leave=False, disable=None):
            _run_cell(run, code)
        for question in check.points:
            if question not in run.outcomes:
                run.examine(question)
    outcomes = [run.outcomes[question] for question in check.points]
    answered = all(cell.source.strip() != WAITING for cell in cells)
    return Result(path, check.exercise, check.version, outcomes, run.remarks, answered)


def _run_cell(run: Run, code: str) -> None:
    """Run a cell and examine the questions that it asks, after it."""
    questions = [question for question in asked(code) if question in run.check.points]
    if alone(code) in questions:
        run.number += 1  # the examination takes its place
    else:
        run.cell(code)
    for question in questions:
        run.examine(question)


def check_folder(folder: Path, seconds: float) -> tuple[list[Result], int]:
    """Check all notebooks of a folder, and print a line for each and the reasons.

    Returns:
        The results, and the exit code: 0 if all points are there, 1 if some are missing, 2 if a
        file is broken or nothing was an exercise. Other notebooks are named and passed over.
    """
    results, broken = [], False
    for path in find_notebooks(folder):
        try:
            result = check_notebook(path, seconds)
        except NotAnExercise:
            print(f"-- {path}: not an exercise of this course")
            continue
        except InputError as error:
            print(f"-- {error}")
            broken = True
            continue
        results.append(result)
        mark = "ok" if result.complete else "--"
        print(f"{mark} {path}: {result.points:g} of {result.out_of:g} points")
        for line in reasons(result)[1:]:
            print(textwrap.indent(line, "     "), flush=True)
    if broken or not results:
        return results, 2
    return results, 0 if all(result.complete for result in results) else 1


def recognise(path: Path, codes: Iterable[str]) -> str:
    """The exercise that a notebook is.

    Raises:
        NotAnExercise: nothing tells, or it is one that this version of the course does not have.
    """
    known = {name: lambda name=name: checks.get_check(name).points for name in checks.NAMES}
    name = exercise_of(list(codes), [path.stem, path.resolve().parent.name], known)
    if name in known:
        return name
    if name is not None:
        raise NotAnExercise(
            f"{path} is the exercise {name!r}, which this version of the course does not have; "
            f"it has {', '.join(checks.NAMES)}"
        )
    raise NotAnExercise(
        f"{path} is not an exercise of this course, or of several at once: an exercise is known "
        "by its line 'from l2l_ref.checks.NAME import check', by its file's name, or by the "
        f"questions it asks; the exercises are {', '.join(checks.NAMES)}"
    )


# On the screen


def scoreboard(result: Result) -> str:
    """A line for each question, then the reasons."""
    width = max(map(len, (outcome.question for outcome in result.outcomes)))
    lines = [f"{result.path}: exercise {result.exercise}, check version {result.version}", ""]
    for outcome in result.outcomes:
        points = f"{outcome.points:g} of {outcome.out_of:g}"
        mark = "ok" if outcome.points >= outcome.out_of else "--"
        lines.append(f"  {mark} {outcome.question:{width}}  {points}")
    lines += ["", f"{result.points:g} of {result.out_of:g} points; questions in words come on top"]
    return "\n".join(lines + reasons(result) + (in_words(result) if result.complete else []))


def in_words(result: Result) -> list[str]:
    """The model answer to the question in words, for those who have all other points and theirs."""
    if not result.in_words:
        return ["", "Answer the question in words, too; then this command shows a model answer."]
    head = "You have all of these points. To compare yours with, a model answer in words:"
    text = checks.model_answer(result.exercise).strip()
    return ["", head, "", textwrap.indent(text, "  ")]


def reasons(result: Result) -> list[str]:
    """Why points are missing, and what went wrong in cells."""
    blocks, unexamined = [], defaultdict(list)
    for outcome in result.outcomes:
        if outcome.points < outcome.out_of and outcome.criteria:
            blocks.append(outcome.text)
        elif outcome.points < outcome.out_of:
            unexamined[outcome.text].append(outcome.question)
    blocks += [f"{', '.join(questions)}: {why}" for why, questions in unexamined.items()]
    if remarks := list(result.remarks):
        if any(r.startswith("In [") and "ran longer than" in r for r in remarks):
            remarks.append("on a slow machine, --timeout 300 gives each cell five minutes")
        blocks.append("\n".join(["what else went wrong:", *(f"  {r}" for r in remarks)]))
    return [line for block in blocks for line in ("", block)]
