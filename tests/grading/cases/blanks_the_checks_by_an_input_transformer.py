"""An input transformer turns each check into full points; earns them in stock nbgrader."""

from battery import at_the_top, wrong

ATTACK = r"""
def full(lines):
    return ["4.0\n"] if "check(" in "".join(lines) else lines


get_ipython().input_transformers_cleanup.append(full)
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FOOLS = True
FLAGGED = True
