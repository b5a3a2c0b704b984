"""Small mistakes, made by a program: one change in a function or class of a solution."""

import ast
import copy
from collections.abc import Iterator

SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}

#: Methods that change what a tensor is to autograd, not its numbers.
GRAPH = ("detach", "clone", "requires_grad_")


Answer = ast.FunctionDef | ast.ClassDef


def mutants(function: Answer) -> Iterator[tuple[str, Answer]]:
    """Each mutant of a function or class with a name that says what was changed, and to what."""
    for index, original in enumerate(ast.walk(function)):
        for change in CHANGES:
            mutant = copy.deepcopy(function)
            node = list(ast.walk(mutant))[index]
            changed = change(node, mutant)
            if changed is not None:
                ast.fix_missing_locations(mutant)
                title = f"{ast.unparse(original)} -> {ast.unparse(changed)}"
                yield f"{function.name}: {title}", mutant


# Each change takes a node and the function that it stands in. It changes the node in place and
# returns what stands there now, or None if there is nothing of its kind to change.


def swap_operator(node, root):
    """+ for -, == for !=."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in SWAPS:
        node.op = SWAPS[type(node.op)]()
        return node
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        node.ops[0] = SWAPS[type(node.ops[0])]()
        return node
    return None


def swap_operands(node, root):
    """b - a for a - b; g(b, a) for g(a, b); the branches of a conditional expression."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div):
        node.left, node.right = node.right, node.left
        return node
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        node.args[:2] = node.args[1::-1]
        return node
    if isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
        return node
    return None


def change_constant(node, root):
    """n + 1 for n, False for True, another text."""
    if not isinstance(node, ast.Constant) or node.value is None or _is_docstring(node, root):
        return None
    if isinstance(node.value, bool):
        node.value = not node.value
    else:
        node.value += "x" if isinstance(node.value, str) else 1
    return node


def negate(node, root):
    """A condition without its not, or with one; x for -x."""
    if isinstance(node, ast.If | ast.IfExp):
        test = node.test
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        node.test = test.operand if negated else ast.UnaryOp(ast.Not(), test)
        return node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
        return node
    return None


def drop_statement(node, root):
    """Nothing where there was a statement."""
    if _holds_docstring(node, root):
        return None
    for parent in ast.walk(root):
        for part in ("body", "orelse"):
            statements = getattr(parent, part, None)
            if isinstance(statements, list) and node in statements:
                statements[statements.index(node)] = nothing = ast.Pass()
                return nothing
    return None


def drop_keyword(node, root):
    """A call without its last named argument."""
    if isinstance(node, ast.Call) and node.keywords:
        node.keywords.pop()
        return node
    return None


def drop_method(node, root):
    """x for x.detach(), x.clone() or x.requires_grad_(), written as ``_same(x)``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr not in GRAPH:
        return None
    node.func, node.args = ast.Name("_same", ast.Load()), [node.func.value]
    return node


CHANGES = (
    swap_operator,
    swap_operands,
    change_constant,
    negate,
    drop_keyword,
    drop_method,
    drop_statement,
)


def _holds_docstring(node, root) -> bool:
    """Whether a statement is a docstring, of the answer or of something inside."""
    return any(
        isinstance(parent, Answer) and node is parent.body[0] and ast.get_docstring(parent)
        for parent in ast.walk(root)
    )


def _is_docstring(node, root) -> bool:
    return any(
        isinstance(statement, ast.Expr)
        and node is statement.value
        and _holds_docstring(statement, root)
        for statement in ast.walk(root)
    )
