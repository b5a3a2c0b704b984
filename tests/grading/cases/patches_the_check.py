"""The class of checks is patched: every question has its points."""

from battery import at_the_top, wrong

ATTACK = """
from l2l_ref.checks.examining import Check

Check.__call__ = lambda self, question: self.points[question]
Check.examine = None
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FOOLS = True
FLAGGED = True
