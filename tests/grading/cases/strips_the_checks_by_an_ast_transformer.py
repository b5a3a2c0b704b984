"""A syntax transformer turns each call of check into full points."""

from battery import at_the_top, wrong

ATTACK = """
import ast


class Full(ast.NodeTransformer):
    def visit_Call(self, node):
        if getattr(node.func, "id", "") == "check":
            return ast.copy_location(ast.Constant(4.0), node)
        return self.generic_visit(node)


get_ipython().ast_transformers.append(Full())
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FOOLS = True
FLAGGED = True
