"""A cell writes one file of a gigabyte (sparse, so that it costs nothing)."""

from battery import after

ATTACK = """
with open("large", "wb") as file:
    file.truncate(2**30)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SAYS = ["OSError|ended its kernel"]
