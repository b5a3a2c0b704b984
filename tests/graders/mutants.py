"""Small mistakes, made by a program: one change in a function of a solution."""

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


def mutants(function: ast.FunctionDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Each mutant of a function with a name that says what was changed, and where."""
    count = sum(1 for _ in ast.walk(function))
    for index in range(count):
        for kind in range(3):  # a node has at most three mutations
            mutant = copy.deepcopy(function)
            node = list(ast.walk(mutant))[index]
            before = ast.unparse(node) if isinstance(node, ast.expr | ast.stmt) else ""
            changed = mutate(node, kind, mutant)
            if changed is None:
                continue
            ast.fix_missing_locations(mutant)
            after = ast.unparse(changed) if changed is not DROPPED else "(nothing)"
            yield f"{function.name}: {before} -> {after}", mutant


DROPPED = ast.Pass()


def mutate(node: ast.AST, kind: int, root: ast.AST) -> ast.AST | None:
    """Change a node in place and return it; None when there is no such change.

    Args:
        node: to change. kind: which of its changes. root: the whole function.
    """
    changes = [change for change in CHANGES if change(node, root, dry=True)]
    if kind >= len(changes):
        return None
    return changes[kind](node, root, dry=False)


def swap_operator(node, root, dry):
    """+ for -, == for !=."""
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        if not dry:
            node.op = SWAPS[type(node.op)]()
        return node
    if isinstance(node, ast.AugAssign) and type(node.op) in SWAPS:
        if not dry:
            node.op = SWAPS[type(node.op)]()
        return node
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        if not dry:
            node.ops[0] = SWAPS[type(node.ops[0])]()
        return node
    return None


def swap_operands(node, root, dry):
    """b - a for a - b; g(b, a) for g(a, b); the branches of a conditional expression."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div):
        if not dry:
            node.left, node.right = node.right, node.left
        return node
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        if not dry:
            node.args[0], node.args[1] = node.args[1], node.args[0]
        return node
    if isinstance(node, ast.IfExp):
        if not dry:
            node.body, node.orelse = node.orelse, node.body
        return node
    return None


def change_constant(node, root, dry):
    """n + 1 for n, False for True, another text."""
    if isinstance(node, ast.Constant) and node.value is not None and not _is_docstring(node, root):
        if not dry:
            if isinstance(node.value, bool):
                node.value = not node.value
            else:
                node.value = node.value + (1 if isinstance(node.value, int | float) else "x")
        return node
    return None


def negate(node, root, dry):
    """A condition without its not, or with one."""
    if isinstance(node, ast.If | ast.IfExp):
        if not dry:
            test = node.test
            negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
            node.test = test.operand if negated else ast.UnaryOp(ast.Not(), test)
        return node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not dry:
            node.op = ast.UAdd()
        return node
    return None


def drop_statement(node, root, dry):
    """Nothing where there was a statement."""
    if isinstance(node, ast.stmt) and node is not root and not _holds_docstring(node, root):
        if not dry:
            for parent in ast.walk(root):
                body = getattr(parent, "body", None)
                if isinstance(body, list) and node in body:
                    body[body.index(node)] = ast.Pass()
                    return DROPPED
            return None
        return node
    return None


def drop_keyword(node, root, dry):
    """A call without its last named argument."""
    if isinstance(node, ast.Call) and node.keywords:
        if not dry:
            node.keywords.pop()
        return node
    return None


def drop_method(node, root, dry):
    """x for x.detach(), x.clone() or x.requires_grad_()."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in GRAPH
    ):
        if not dry:
            inner = node.func.value
            node.func, node.args = ast.Name("_same", ast.Load()), [inner]
        return node
    return None


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
    return node is root.body[0] and isinstance(node, ast.Expr)


def _is_docstring(node, root) -> bool:
    return isinstance(root.body[0], ast.Expr) and node is root.body[0].value
