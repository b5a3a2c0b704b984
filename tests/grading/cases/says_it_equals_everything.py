"""The answers are objects that say they equal everything, and that hold every name."""

from battery import at_the_top, changed, wrong

ATTACK = """
class Yes(str):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 0
    __contains__ = lambda self, other: True
    __bool__ = lambda self: True
    __float__ = lambda self: 0.0


class All(dict):
    __eq__ = lambda self, other: True
    __missing__ = lambda self, name: Yes()
    keys = lambda self: Yes()
"""


def submit(solution, release):
    return changed(
        at_the_top(wrong(release), ATTACK),
        kind='def kind(tensor):\n    return Yes("leaf")',
        sgd_step="def sgd_step(*asked):\n    return All()",
        loss_after="def loss_after(*asked):\n    return Yes()",
        first_order="def first_order(*asked):\n    return All()",
        learn_rates="def learn_rates(*asked):\n    return All()",
    )


EARNS = "none"
