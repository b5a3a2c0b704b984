"""A cell closes stdout and stderr."""

from battery import after

ATTACK = """
import sys

sys.stdout.close()
sys.stderr.close()
sys.stdout = sys.stderr = None
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["does not answer any more"]
WAITS = True
