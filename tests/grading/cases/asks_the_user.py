"""A cell waits for somebody to type."""

from battery import after

ATTACK = """
name = input("Who are you? ")
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["StdinNotImplementedError|input"]
