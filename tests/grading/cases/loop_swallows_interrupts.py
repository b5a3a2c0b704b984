"""A loop swallows every interrupt; what came before and comes after keeps its points."""

from battery import after

ATTACK = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["could not be interrupted"]
LIMITS = {"cell": 8.0}
WAITS = True
