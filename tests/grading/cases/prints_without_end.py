"""A cell prints without end; stock nbgrader grew to 857 MB."""

from battery import after

ATTACK = """
while True:
    print("still training ...")
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["longer than"]
LIMITS = {"cell": 8.0}
WAITS = True
