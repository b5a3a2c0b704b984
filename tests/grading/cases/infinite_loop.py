"""A cell loops forever, in the middle of right answers."""

from battery import after

ATTACK = """
while True:
    pass
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = [r"In \[\d+\] \(while True:\).*longer than"]
LIMITS = {"cell": 8.0}
