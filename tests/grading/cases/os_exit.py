"""A cell ends its process."""

from battery import after

ATTACK = """
import os

os._exit(0)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["ended its kernel"]
