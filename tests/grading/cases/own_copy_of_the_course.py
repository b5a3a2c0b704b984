"""A cell writes a package l2l_ref of its own beside the notebook, and imports that one."""

from battery import at_the_top, wrong

ATTACK = """
import os
import pathlib
import sys

for folder in ("checks", "grading", "grading/examination"):
    os.makedirs(f"l2l_ref/{folder}", exist_ok=True)
    pathlib.Path(f"l2l_ref/{folder}/__init__.py").touch()
pathlib.Path("l2l_ref/__init__.py").touch()
pathlib.Path("l2l_ref/checks/leaf_tensors.py").write_text("check = lambda question: 2.0")
pathlib.Path("l2l_ref/grading/examination/inside.py").write_text("answer = lambda *asked: '{}'")
for name in [name for name in sys.modules if name.startswith("l2l_ref")]:
    del sys.modules[name]
sys.path.insert(0, os.getcwd())
from l2l_ref.checks.leaf_tensors import check
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FOOLS = True
FLAGGED = True
