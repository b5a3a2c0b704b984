"""A cell makes the course's generator forget its names, so that all questions are known."""

from battery import at_the_top, wrong

ATTACK = """
import l2l_ref.checks.examining as examining
import l2l_ref.support.randomness as randomness

fixed = lambda *names: torch.Generator().manual_seed(0)
randomness.generator = examining.generator = fixed
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
