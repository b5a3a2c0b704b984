"""What the tests of the graders share: answers, from the solutions and from files."""

import ast
import runpy
from functools import cache
from pathlib import Path
from types import CodeType
from zlib import crc32

import pytest

from l2l_ref.checks import NAMES, get_check

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent


def solution(name: str) -> ast.Module:
    """The imports and functions of an exercise's source: its answers, without what runs them."""
    (path,) = ROOT.glob(f"solutions/*_{name}/{name}.py")
    tree = ast.parse(path.read_text(), str(path))
    keep = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    tree.body = [statement for statement in tree.body if isinstance(statement, keep)]
    return tree


def run(code: str | ast.Module | CodeType, filename: str = "answer.py") -> dict:
    """The names that some code defines."""
    namespace = {"__name__": "answers"}
    exec(code if isinstance(code, CodeType) else compile(code, filename, "exec"), namespace)
    return namespace


@cache
def solved(name: str) -> dict:
    """The names that an exercise's solution defines, with what its training would have made."""
    namespace = run(solution(name))
    made = FOLDER / name / "made.py"
    if made.exists():
        namespace.update(runpy.run_path(str(made))["make"](namespace))
    return namespace


def answer_files(kind: str) -> list:
    """The files of right or wrong answers, as test parameters (exercise, path)."""
    return [
        pytest.param(name, path, id=f"{name}/{path.stem}")
        for name in NAMES
        for path in sorted((FOLDER / name / kind).glob("*.py"))
    ]


def a_third_of_the_wrong_ones() -> list:
    """As `answer_files`: those whose turn it is; with each version of a check it is another's."""
    return [
        answer
        for answer in answer_files("wrong")
        if (int(get_check(answer.values[0]).version) + crc32(answer.id.encode())) % 3 == 0
    ]
