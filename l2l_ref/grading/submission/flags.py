"""What in a submission a human should look at, and why. No flag costs a point.

The code is read, not run, as far as it differs from the release. Whoever wants to can hide from
this; what earns points is safe without it. What the release itself does is never flagged.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module

from ..notebooks import codes
from ..printable import beginning
from ..questions import python
from .definitions import READ
from .likeness import Alike, alike
from .salvage import telling

__all__ = ["Alike", "Flag", "alike", "flags_of"]

#: Flags of one cell; more say nothing new. Those of one cell must not hide those of another.
MOST = 10


@dataclass(frozen=True)
class Flag:
    """Something to look at: the cell's grade_id, empty for a cell that is not graded, and why."""

    cell: str
    reason: str


#: Parts of the course that give no answer away.
HARMLESS = ("l2l_ref.data",)

#: Parts that know what is asked, and how it is judged.
CLOSED = ("l2l_ref.checks", "l2l_ref.grading")

#: Modules that reach beyond an exercise, and to what.
MODULES = {
    **dict.fromkeys(("builtins", "importlib", "imp", "runpy", "code"), "Python's own machinery"),
    **dict.fromkeys(("inspect", "gc", "ctypes", "cffi", "dis"), "the interpreter's objects"),
    **dict.fromkeys(("os", "subprocess", "multiprocessing", "pty", "resource"), "the system"),
    **dict.fromkeys(("signal", "threading", "_thread", "atexit", "faulthandler"), "the process"),
    **dict.fromkeys(("shutil", "tempfile", "glob", "sqlite3", "mmap"), "files"),
    **dict.fromkeys(("socket", "urllib", "http", "requests", "ssl", "torch.hub"), "the network"),
    **dict.fromkeys(("pickle", "cloudpickle", "dill", "marshal", "copyreg"), "stored code"),
    **dict.fromkeys(("IPython", "ipykernel", "jupyter_client", "zmq"), "the notebook's machinery"),
    "nbgrader": "the grader",
    "unittest.mock": "a tool that replaces parts of modules",
}
ALLOWED_PARTS = ("IPython.display", "importlib.resources")

#: Names that everybody has, and what they are for.
NAMES = {
    **dict.fromkeys(("get_ipython", "_ih", "_oh", "In", "Out"), "the notebook's machinery"),
    **dict.fromkeys(("__import__", "__builtins__", "__loader__"), "Python's own machinery"),
    **dict.fromkeys(("exec", "eval", "compile"), "code made while running"),
}

#: Attributes that lead out of an object, and where to.
ATTRIBUTES = {
    **dict.fromkeys(("__class__", "__subclasses__", "__bases__", "__mro__"), "an object's class"),
    **dict.fromkeys(("__globals__", "__code__", "__closure__", "f_globals"), "a function's inside"),
    **dict.fromkeys(("f_back", "f_locals", "f_builtins", "cell_contents"), "a function's inside"),
    **dict.fromkeys(("tb_frame", "gi_frame", "cr_frame", "ag_frame"), "a function's inside"),
    **dict.fromkeys(("__builtins__", "__loader__", "__spec__"), "Python's own machinery"),
    **dict.fromkeys(
        ("input_transformers_cleanup", "input_transformers_post", "ast_transformers"),
        "what turns cells into code",
    ),
    **dict.fromkeys(("displayhook", "display_pub", "set_custom_exc"), "the notebook's machinery"),
}

#: What sys is mostly used for that is no business of an exercise.
OF_SYS = frozenset(
    (
        *("modules", "path", "path_hooks", "meta_path", "settrace", "setprofile", "displayhook"),
        *("_getframe", "_current_frames", "excepthook", "__stdout__", "__stderr__"),
    )
)

#: Calls that open a file if the first argument is a path.
OPENING = frozenset(("open", "Path", "load", "read_text", "read_bytes", "listdir", "fromfile"))
OUTSIDE = re.compile(r"/\w|~|\.\.[/\\]|[A-Za-z]:\\|\\\\")

#: Magics without effects outside the cell, and installing packages, which Colab needs.
MAGICS = frozenset(
    (
        *("matplotlib", "pylab", "config", "precision", "pip", "conda", "autoreload", "load_ext"),
        *("time", "timeit", "prun", "lprun", "memit", "capture", "who", "whos", "pinfo"),
    )
)
#: No part of it takes back what it has read: of two that both read spaces, one would try for ever.
MAGIC = re.compile(r"^[ \t]*+(?:[\w, ]++=[ \t]*+)?(?:%%?(\w++)|!++[ \t]*+(\S*+))(.*)", re.MULTILINE)

#: What is looked for in a cell that is no Python as it stands.
WORDS = re.compile(rf"\b({'|'.join(NAMES)}|l2l_ref|sys\.modules|ast_transformers)\b")


def flags_of(notebook: dict, release: dict, exercise: str) -> list[Flag]:
    """What a human should look at in a notebook.

    Args:
        notebook: as `repair` returns it.
        release: the notebook that students were given.
        exercise: the name of its check's module, ``leaf_tensors``.
    """
    answers = import_module(f"l2l_ref.checks.{exercise}.exam").ANSWERS
    given = {cell["id"]: source for cell, source in codes(release)}
    used = _used(given.values())
    reader = _Reader(answers, *used)
    normal = {reason for text in given.values() for reason in reader.read(text)}
    reader, found = _Reader(answers, *used), []
    for cell, source in codes(notebook):
        reasons = reader.read(source)  # also where nothing was changed: it imports
        if source == given.get(cell["id"]):
            continue
        reasons = [reason for reason in reasons if reason not in normal]
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        where = "" if grade_id else f" (in the cell {telling(source)})"
        found += [Flag(grade_id, f"{reason}{where}.") for reason in reasons[:MOST]]
        if (more := len(reasons) - MOST) > 0:
            found.append(Flag(grade_id, f"There are {more:,} more reasons to look at it{where}."))
    return list(dict.fromkeys(found))


def _used(sources: Iterable[str]) -> tuple[set[str], set[str]]:
    """What the release imports of the course: names with all their dots, and their modules."""
    names, modules = set(), set()
    for source in sources:
        for node in ast.walk(python(source) or ast.parse("")):
            names |= {path for path, _ in _imports(node) if _under(path, ["l2l_ref"])}
            if isinstance(node, ast.ImportFrom) and node.module != "l2l_ref":
                modules.add(node.module or "")
    return names, modules


def _imports(node: ast.AST) -> Iterator[tuple[str, str]]:
    """What an import brings, with all its dots, and the name that it is bound to."""
    match node:
        case ast.Import(names=names):
            for each in names:
                yield each.name, each.asname or each.name.partition(".")[0]
        case ast.ImportFrom(module=module, names=names):
            for each in names:
                yield f"{module or ''}.{each.name}", each.asname or each.name


def _under(path: str, modules: Iterable[str]) -> bool:
    return any(path == module or path.startswith(f"{module}.") for module in modules)


class _Reader(ast.NodeVisitor):
    """Reads cells in their order, and says what is to be looked at.

    Args:
        answers: the modules of the reference that would be an answer.
        allowed: the names that the release imports of the course.
        modules: those that it imports them from.
    """

    def __init__(self, answers: Iterable[str], allowed: set[str], modules: set[str]):
        self.closed = (*answers, *CLOSED)
        self.allowed, self.modules = allowed, modules
        self.known: dict[str, str] = {}  # what names were imported as
        self.locals: list[set[str]] = []  # of the functions around
        self.reasons: dict[str, None] = {}

    def read(self, source: str) -> list[str]:
        """The reasons that a cell gives, each once."""
        self.reasons, self.locals = {}, []
        if len(source) > READ:
            return [f"It has {len(source):,} characters, too many to be read here"]
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            self.visit(ast.parse(source))
            return list(self.reasons)
        self.reasons = {}
        for magic, command, rest in MAGIC.findall(source):
            if (magic or command) not in MAGICS:
                line = beginning(f"%{magic}{rest}" if magic else f"!{command}{rest}")
                self.say(f"It uses the command {line}")
        tree = python(source)
        if tree is None or re.search(r"^[ \t]*%%", source, re.MULTILINE):
            for word in WORDS.findall(source):
                self.say(f"It is no Python as it stands, and speaks of {word}")
        try:
            self.visit(tree or ast.parse(""))
        except RecursionError:
            self.say("It is nested too deeply to be read here")
        return list(self.reasons)

    def say(self, reason: str) -> None:
        """Keep a reason."""
        self.reasons[reason] = None

    # Names and what they stand for

    def path(self, node: ast.AST) -> str | None:
        """What a dotted name stands for, if its first part was imported."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.known:
            return None
        if any(node.id in names for names in self.locals):
            return None
        return ".".join([self.known[node.id], *reversed(parts)])

    def look_at(self, path: str) -> None:
        """Judge a dotted path that is imported or used."""
        if _under(path, ["l2l_ref"]):
            if self._gives_away(path):
                most = 4 if _under(path, CLOSED) else 3
                name = beginning(".".join(path.split(".")[:most]), 80)
                self.say(f"It uses {name}, a part of the course that the task does not use")
            return
        for module, what in MODULES.items():
            if _under(path, [module]) and not _under(path, ALLOWED_PARTS):
                self.say(f"It uses {module}, and so reaches {what}")
        head, _, rest = path.partition(".")
        if head == "sys" and rest.partition(".")[0] in OF_SYS:
            self.say(f"It uses {beginning(path)}, and so reaches the interpreter")

    def _gives_away(self, path: str) -> bool:
        if path == "l2l_ref" or _under(path, self.allowed) or _under(path, HARMLESS):
            return False
        return _under(path, self.closed) or not _under(path, self.modules)

    # What code does

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for path, name in _imports(node):
            self.look_at(path)
            if name == "check" and path not in self.allowed:
                self.say(f"It binds the name check to {beginning(path)}")
            is_part = isinstance(node, ast.Import) and "." in path and path.startswith(f"{name}.")
            self.known[name] = name if is_part else path

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        name = getattr(node, "name", "")
        if not self.locals and (name == "check" or name in NAMES):
            self.say(f"It defines {name} anew")
        if isinstance(node, ast.Lambda):
            self.locals.append(_parameters(node))
            self.generic_visit(node)
        else:
            for each in (*node.decorator_list, node.args):
                self.visit(each)
            self.locals.append(_parameters(node) | _assigned(node))
            for statement in node.body:
                self.visit(statement)
        self.locals.pop()

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.locals.append(set())  # what is named check in a class is no check
        self.generic_visit(node)
        self.locals.pop()

    def visit_Global(self, node: ast.Global) -> None:
        if "check" in node.names:
            self.say("It binds or deletes the name check")

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            is_own = node.id in self.known or any(node.id in names for names in self.locals)
            if node.id in NAMES and not is_own:
                self.say(f"It uses {node.id}, and so reaches {NAMES[node.id]}")
            elif path := self.path(node):
                self.look_at(path)
                if path in ("sys", "l2l_ref"):  # with a dot behind it, another method looks at it
                    self.say(f"It hands {path} on")
        elif not self.locals and (node.id == "check" or node.id in NAMES):
            self.say(f"It binds or deletes the name {node.id}")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self.path(node)
        if isinstance(node.ctx, ast.Load):
            if node.attr in ATTRIBUTES:
                self.say(f"It uses {node.attr}, and so reaches {ATTRIBUTES[node.attr]}")
            if path:
                self.look_at(path)
                return
        elif path and not _under(path, ["torch.backends"]):
            self.say(f"It changes {beginning(path)}, which is not its own")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = node.args[0] if node.args else None
        if name in ("setattr", "delattr") and first and (path := self.path(first)):
            self.say(f"It changes {beginning(path)}, which is not its own")
        if name in OPENING and first is not None and OUTSIDE.match(text := _joined(first)):
            self.say(f"It opens {beginning(text)}, a file outside its folder")
        if name in ("getattr", "setattr") and len(node.args) > 1:
            attribute = _joined(node.args[1])
            if path := self.path(first):
                self.look_at(f"{path}.{attribute}")
            if attribute in ATTRIBUTES:
                self.say(f"It uses {attribute}, and so reaches {ATTRIBUTES[attribute]}")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring may speak of anything
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        self._look_at_text(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not self._look_at_text(node):
            self.generic_visit(node)

    def _look_at_text(self, node: ast.AST) -> bool:
        text = _joined(node)
        for name in ("l2l_ref", "get_ipython", "__import__", "__builtins__"):
            if name in text:
                self.say(f"A text in it speaks of {name}: {beginning(text)}")
                return True
        return False


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    return {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}


def _assigned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The names that a function gives a value, as its own."""
    within = list(ast.walk(node))
    shared = {name for each in within if isinstance(each, ast.Global) for name in each.names}
    names = [each for each in within if isinstance(each, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, ast.Store)} - shared


def _joined(node: ast.AST) -> str:
    """The text of a constant, also of one that is put together from pieces."""
    pieces, todo = [], [node]
    while todo:
        match todo.pop():
            case ast.Constant(value=str(text)):
                pieces.append(text)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                todo += [right, left]
            case ast.BinOp(
                left=ast.Constant(value=str(text)), op=ast.Mult(), right=ast.Constant(value=int(n))
            ) if n < 10:
                pieces.append(n * text)
            case ast.JoinedStr(values=values):
                todo += reversed(values)
            case ast.Constant() | ast.FormattedValue():
                pass
            case _:
                return ""
    return "".join(pieces)
