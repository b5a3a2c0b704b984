"""sys.exit() and exit() in cells: habits from scripts."""

from battery import after

ATTACK = """
import sys

sys.exit(1)
"""


def submit(solution, release):
    return after(after(solution, "check_kind", "exit()"), "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = [r"\(exit\(\)\) ended its kernel", "SystemExit"]
