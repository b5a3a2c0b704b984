"""What the tests of the pipeline work on: a toy exercise, and notebooks as files."""

import functools
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def graded(grade_id: str, *true: str, points: int | None = None) -> str:
    """nbgrader's metadata as it stands on a cell's line; `true` names what the cell is."""
    values = {key: key in true for key in ("grade", "locked", "solution", "task")}
    values |= {"grade_id": grade_id, "schema_version": 3} | ({"points": points} if points else {})
    return f"nbgrader={json.dumps(values, sort_keys=True)}"


# An exercise without a check of its own, with everything a source may hold.
TOY = f'''\
# ---
# jupyter:
#   kernelspec:
#     display_name: Somebody's
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A toy
#
# Add two numbers.


# %%
import math

# %% {graded("add", "solution")}
def add(one, other):
    """The sum of two numbers."""
    ### BEGIN SOLUTION
    total = math.fsum([one, other])
    return total
    ### END SOLUTION


# %% {graded("check_add", "grade", "locked", points=2)}
check("add")
### BEGIN HIDDEN TESTS
assert add(3, 4) == 7 and add(0.5, 0.25) == 0.75
### END HIDDEN TESTS

# %% [markdown] {graded("why", "grade", "solution", points=1)}
# The model answer says that sums round only once.

# %% [markdown] {graded("project", "locked", "task", points=3)}
# Build a calculator.
#
# === BEGIN MARK SCHEME ===
# One point for each operation that works on negative numbers.
# === END MARK SCHEME ===
'''


@functools.cache
def both(exercise: str) -> tuple[dict, dict]:
    """An exercise of the course, solved and as it is released."""
    from l2l_ref.grading.release import build

    built = build.build(ROOT / "solutions" / exercise / f"{build.short(exercise)}.py")
    return json.loads(built.solution), json.loads(built.release)


def source_of(cell: dict) -> str:
    """What a cell says; a file may hold it as one text or as lines."""
    return "".join(cell["source"])


def graded_cells(notebook: dict) -> dict[str, dict]:
    """The cells that nbgrader knows, by their grade_id."""
    cells = (cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"])
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in cells}


def code_cells(notebook: dict) -> list[str]:
    """The sources of the code cells."""
    return [source_of(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def write_notebook(path: Path, codes: list[str]) -> Path:
    """A notebook as Colab may leave it: code, and neither ids nor metadata."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "code", "source": code} for code in codes]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    return path
