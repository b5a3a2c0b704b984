"""An answer is the check's own derivation, imported; its numbers are right, so a human decides."""

from battery import changed

TAKEN = """
from l2l_ref.checks.leaf_tensors.exam import unrolled


def first_order(module, x, y, rates, steps):
    return unrolled(module, x, y, rates, steps, as_inputs=True)[1]
"""


def submit(solution, release):
    return changed(solution, first_order=TAKEN)


EARNS = {"first_order": 1.5}  # it copies a module that holds a result
FLAGGED = True
