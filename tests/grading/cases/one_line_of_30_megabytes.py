"""A cell prints one line of 30 MB; it must not get into the report."""

from battery import after

ATTACK = """
print("x" * 30_000_000)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
