"""What the code of a cell defines, needs and asks, told without running it."""

import ast
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..questions import asked_in, imported_in, python, without_magics

#: Characters of a cell that is read as Python; the course's longest has 4,000.
READ = 50_000


@dataclass(frozen=True)
class Definition:
    """A statement that defines a function or class: its lines, and its code for comparing."""

    text: str
    says: object


class Code:
    """What a cell's code defines, needs and asks.

    Args:
        source: of the cell. What is no Python, or too long to read, defines nothing.

    Attributes:
        is_python: whether it was read.
        says: for comparing; equal for the same code with other comments and layout.
        definitions: of its functions and classes, by name; of several the last.
        binds: the names that it gives a value.
        needs: the names that it must find defined.
        asks: the questions that it asks.
        only_asks: whether it does nothing else.
        checks: the exercises whose check it imports.
    """

    def __init__(self, source: str):
        tree = python(source) if len(source) <= READ else None
        self.is_python = tree is not None
        tree = tree or ast.parse("")
        self.says = _says(tree)
        lines = source.split("\n")
        self.definitions = {
            name: _definition(statement, lines)
            for statement in tree.body
            for name in _defined(statement)
        }
        self.binds = set(_bound(tree))
        self.needs = _needed(source) if self.is_python else set()
        self.asks = asked_in(tree)
        self.only_asks = bool(self.asks) and all(isinstance(s, ast.Expr) for s in tree.body)
        self.checks = imported_in(tree)


@lru_cache(maxsize=256)  # the release's own cells come back with every submission
def code_of(source: str) -> Code:
    """What the code of a cell defines, needs and asks."""
    return Code(source)


def _says(tree: ast.AST) -> object:
    try:
        return hash(ast.dump(tree))
    except (RecursionError, ValueError):  # nested too deeply, or a number of thousands of digits
        return object()  # like no other


def _definition(statement: ast.stmt, lines: list[str]) -> Definition:
    heads = [each.lineno for each in getattr(statement, "decorator_list", [])]
    first = min([statement.lineno, *heads]) - 1
    return Definition("\n".join(lines[first : statement.end_lineno]), _says(statement))


def _defined(statement: ast.stmt) -> Iterator[str]:
    """The functions and classes that a statement defines, also in its branches."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda()):
            yield name
        case ast.If() | ast.Try() | ast.With():
            for block in ("body", "handlers", "orelse", "finalbody"):
                for inner in getattr(statement, block, []):
                    for each in inner.body if isinstance(inner, ast.ExceptHandler) else [inner]:
                        yield from _defined(each)


def _bound(tree: ast.Module) -> Iterator[str]:
    """The names that statements outside functions give a value."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Lambda():
                pass
            case ast.alias():
                yield (node.asname or node.name).partition(".")[0]
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case _:
                todo.extend(ast.iter_child_nodes(node))


def _needed(source: str) -> set[str]:
    """The global names that code reads, also inside its functions."""
    for text in (source, without_magics(source)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                todo = [symtable.symtable(text, "cell", "exec")]
            break
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    else:
        return set()
    needed = set()
    while todo:
        table = todo.pop()
        at_top = table.get_type() == "module"
        needed |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (at_top or symbol.is_global())
        }
        todo.extend(table.get_children())
    return needed
