"""Points that no code of the submission has earned: a flag, whatever the reason."""

import ast
from collections.abc import Iterable, Iterator

from ..notebooks import codes
from ..questions import python
from .definitions import code_of
from .flags import Flag


def unearned(questions: Iterable[dict], notebook: dict, release: dict) -> list[Flag]:
    """Points for which there is no answer: the cell is as it was released, or does nothing.

    Args:
        questions: of the record, with their points.
        notebook: as `repair` returns it.
        release: the notebook that students were given.
    """
    answers = {}  # by name, all that is defined in code that the student has changed or added
    given = {cell["id"]: source for cell, source in codes(release)}
    for cell, source in codes(notebook):
        if source != given.get(cell["id"]):
            code = code_of(source)
            answers |= dict.fromkeys(code.binds - code.definitions.keys(), True)
            answers |= {name: does_something(source, name) for name in code.definitions}
    return [
        Flag(each["question"], f"{each['points']:g} points without code that answers it.")
        for each in questions
        if each["points"] and not answers.get(each["question"])
    ]


def does_something(source: str, name: str) -> bool:
    """Whether what a cell defines by a name is more than a stub: a docstring, pass, a raise."""
    for node in ast.walk(python(source) or ast.parse("")):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node.name == name:
                if not all(map(_idle, _flat(node.body))):
                    return True
            case ast.Assign(targets=[ast.Name(id=bound)], value=ast.Lambda()) if bound == name:
                return True
    return False


def _flat(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a class with those of its methods."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield from _flat(statement.body)
        else:
            yield statement


def _idle(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Raise() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None | ast.Constant()):
            return True
    return False
