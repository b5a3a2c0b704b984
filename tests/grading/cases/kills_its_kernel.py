"""A cell kills its kernel, as the system does when memory runs out."""

from battery import after

ATTACK = """
import os

os.kill(os.getpid(), 9)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["ended its kernel"]
