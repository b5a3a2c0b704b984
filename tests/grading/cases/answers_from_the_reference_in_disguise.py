"""The same as answers_from_the_reference, with the import spelt in pieces."""

from battery import changed

TAKEN = """
exam = __import__("l2l" + "_ref.ch" + "ecks.leaf_tensors.exam", fromlist=["*"])


def first_order(module, x, y, rates, steps):
    return exam.unrolled(module, x, y, rates, steps, as_inputs=True)[1]
"""


def submit(solution, release):
    return changed(solution, first_order=TAKEN)


EARNS = {"first_order": 1.5}  # it copies a module that holds a result
FLAGGED = True
