"""A cell reads address 0 through ctypes."""

from battery import after

ATTACK = """
import ctypes

ctypes.string_at(0)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["ended its kernel"]
