"""A cell deletes the check, or puts something else in its place."""

from battery import after

ATTACK = """
del check
check = lambda question: 4.0
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
