"""The answering side of exercise 05: sets of texts in the order of another process.

With the hash of texts, Python salts the order of sets of texts anew in each process. An answer that
depends on it gives the same in one process for ever, and something else tomorrow.
"""

import ast
import contextlib
import dis
import inspect
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType

from ..processes import holds_text


class OtherSet(set):
    """A set with another order, if it holds texts."""

    def __iter__(self):
        things = list(super().__iter__())
        return reversed(things) if any(map(holds_text, things)) else iter(things)

    def pop(self):
        thing = next(iter(self))
        self.remove(thing)
        return thing


class OtherSets(ast.NodeTransformer):
    """``OtherSet`` for each set that a function makes, however it is written."""

    def visit_Set(self, node):
        """``{a, b}``."""
        self.generic_visit(node)
        return self._call(ast.List(node.elts, ast.Load()))

    def visit_SetComp(self, node):
        """``{a for a in b}``."""
        self.generic_visit(node)
        return self._call(ast.ListComp(node.elt, node.generators))

    def visit_Call(self, node):
        """``set(a)`` and ``frozenset(a)``."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset"):
            node.func.id = OtherSet.__name__
        return node

    @staticmethod
    def _call(things: ast.expr) -> ast.Call:
        return ast.Call(ast.Name(OtherSet.__name__, ast.Load()), [things], [])


def with_other_sets(student: Callable) -> Callable:
    """A function, with the functions beside it, in which sets of texts have another order.

    A function whose source is unknown, or that needs names of another function, stays as it is.
    """
    names = getattr(student, "__globals__", {})
    beside = [f for f in names.values() if isinstance(f, FunctionType) and f.__globals__ is names]
    changed = dict(names) | {OtherSet.__name__: OtherSet}
    for function in {id(f): f for f in (*beside, student) if isinstance(f, FunctionType)}.values():
        if function.__closure__ or not makes_sets(function.__code__):
            continue
        with contextlib.suppress(OSError, TypeError, SyntaxError):
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
            tree = ast.fix_missing_locations(OtherSets().visit(tree))
            exec(compile(tree, function.__code__.co_filename, "exec"), changed)
    if not isinstance(student, FunctionType) or student.__closure__:
        return student
    other = changed.get(student.__name__)
    if isinstance(other, FunctionType) and other.__globals__ is changed:
        return other
    other = FunctionType(student.__code__, changed, student.__name__, student.__defaults__)
    other.__kwdefaults__ = student.__kwdefaults__
    return other


def makes_sets(code: CodeType) -> bool:
    """Whether a function makes sets."""
    if {"set", "frozenset"} & set(code.co_names):
        return True
    if {dis.opmap["BUILD_SET"], dis.opmap["SET_ADD"]} & set(code.co_code[::2]):
        return True
    return any(makes_sets(each) for each in code.co_consts if isinstance(each, CodeType))
