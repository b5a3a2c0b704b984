"""The answers are pickles, and objects that act when they are pickled or unpickled."""

from battery import at_the_top, changed, wrong

ATTACK = """
import os
import pickle


class Acts:
    def __reduce__(self):
        return os.system, ("touch @COURSE@/touched",)

    def __repr__(self):
        return pickle.dumps(self).decode("latin-1")
"""


def submit(solution, release):
    return changed(
        at_the_top(wrong(release), ATTACK),
        kind="def kind(tensor):\n    return Acts()",
        sgd_step="def sgd_step(weights, *others):\n    return {n: Acts() for n in weights}",
        loss_after="def loss_after(*asked):\n    return pickle.dumps(Acts())",
        first_order="def first_order(m, x, y, rates, steps):\n    return pickle.dumps(Acts())",
    )


EARNS = "none"
FLAGGED = True
