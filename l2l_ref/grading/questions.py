"""Which exercise a notebook is, and where it asks for its points: told from its code alone."""

import ast
import re
import warnings
from collections.abc import Callable, Mapping

PREFIX = "l2l_ref.checks."


def imported(source: str) -> list[str]:
    """The exercises whose check a cell imports: ``from l2l_ref.checks.NAME import check``."""
    return imported_in(parse(source))


def imported_in(tree: ast.Module) -> list[str]:
    """The same of code that was read already."""
    return [
        node.module.removeprefix(PREFIX)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PREFIX)
    ]


def asked(source: str) -> list[str]:
    """The questions that a cell asks, ``check("question")``, in order and each once."""
    return asked_in(parse(source))


def asked_in(tree: ast.Module) -> list[str]:
    """The same of code that was read already."""
    found = [_question(node) for node in ast.walk(tree)]
    return list(dict.fromkeys(question for question in found if question is not None))


def alone(source: str) -> str | None:
    """The question of a cell that asks one and does nothing else."""
    body = parse(source).body
    return _question(body[0].value) if len(body) == 1 and isinstance(body[0], ast.Expr) else None


def _question(node: ast.AST) -> str | None:
    """What a call ``check("question")`` asks; None for anything else."""
    match node:
        case ast.Call(func=ast.Name(id="check"), args=[ast.Constant(value=str(question))]):
            return question
    return None


def parse(source: str) -> ast.Module:
    """The code of a cell; magics count as code that asks nothing, and so does what is no Python."""
    return python(source) or ast.parse("")


def python(source: str) -> ast.Module | None:
    """The code of a cell, each statement in its line; None if it is no Python, magics apart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the student's code, such as a "\d"
        for text in (source, without_magics(source)):
            try:
                return ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None


#: IPython's own syntax, a line each, and the Python that stands for it here.
MAGICS = (
    (re.compile(r"\A(\s*)%%\w.*"), r"\1"),  # the rest of a %%time cell is its code
    (re.compile(r"^([ \t]*)(?:%\w|!(?!=)|\?).*", re.MULTILINE), r"\1pass"),
    (re.compile(r"^([^#\n]*[^#\n?])\?{1,2}[ \t]*$", re.MULTILINE), r"\1"),
    (re.compile(r"^([ \t]*\w[\w, ]*=[ \t]*)(?:%\w|!).*", re.MULTILINE), r"\1None"),
)


def without_magics(source: str) -> str:
    """A cell's code with other code in the place of IPython's own syntax.

    IPython's transformer would know it better. But it reads a cell again for every magic in it,
    and a submission may hold a thousand.
    """
    for magic, instead in MAGICS:
        source = magic.sub(instead, source)
    return source


def exercise_of(
    codes: list[str], names_near: list[str], known: Mapping[str, Callable[[], Mapping]]
) -> str | None:
    """The exercise that a notebook is.

    Args:
        codes: the sources of its code cells.
        names_near: its file's name and its folder's.
        known: for each exercise a function that returns its questions.

    Returns:
        The name of the exercise whose check a cell imports; where that line is gone, the one that
        the file or folder is named after; then the one that knows all questions that are asked.
        None if nothing tells, or several are imported.
    """
    found = {name for code in codes for name in imported(code)}
    if found:
        return found.pop() if len(found) == 1 else None
    for name_near in names_near:
        if found := [name for name in known if name in name_near]:
            return max(found, key=len)
    questions = {question for code in codes for question in asked(code)}
    shared = {name: len(questions & set(known[name]())) for name in known}
    best = [name for name, count in shared.items() if count and count == max(shared.values())]
    return best[0] if len(best) == 1 else None
