"""A cell closes every file of its process, the sockets to the grader too."""

from battery import after

ATTACK = """
import os

os.closerange(0, 4096)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["ended|longer than"]
LIMITS = {"cell": 8.0}
