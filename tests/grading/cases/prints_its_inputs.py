"""A cell prints what it has been asked so far, and the source of the checks."""

from battery import at_the_top, wrong

ATTACK = """
import inspect

import l2l_ref.checks.leaf_tensors.exam as exam

print(In[-1], Out, _ih)
print(inspect.getsource(exam)[:2000])
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
