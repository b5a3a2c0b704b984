"""The axes along which answers go wrong where no plain number shows it.

A wrong answer that stands for one says so in its docstring: ``Axis: dtype.``. Where an axis cannot
apply to a question, ``CANNOT`` in the unit's ``axes.py`` says why.
"""

import ast
import re
import runpy
from pathlib import Path

from answers import FOLDER

AXES = {
    "dtype": "float64 and float32, the default dtype, a cast inside",
    "again": "a second call: caches, what is kept at module, class or function",
    "before": "what lay there before: a .grad, a state, numbers in a buffer",
    "behind": "modes, flags, counters and .grad left behind, arguments written into",
    "mode": "train and eval, parts in different modes, no_grad around the call",
    "ties": "tied and frozen weights",
    "structure": "many layers, deep ones, names that resemble one another, containers, buffers",
    "shape": "no batch, transposed views, sizes of one or none, order and kind of arguments",
    "graph": "a slope cut or doubled: in one input, at a rate or gradient of 0, of second order",
    "time": "what differs only late, at the first step, or at the last",
    "values": "tiny, huge, infinite, NaN, equal to the bound, -0.0",
    "random": "seeds, streams, who shares numbers, which generator moves",
    "resources": "what is held in memory at once, how often something is asked",
    "refusal": "the wrong error, none, or one that comes when something has changed",
}


def axes_of(path: Path) -> set[str]:
    """The axes that a wrong answer stands for."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return set(re.findall(r"^Axis: (\w+)\.$", docstring, re.MULTILINE))


def cannot(name: str) -> dict[str, dict[str, str]]:
    """For each question of a unit, the axes that cannot apply, and why."""
    return runpy.run_path(str(FOLDER / name / "axes.py"))["CANNOT"]
