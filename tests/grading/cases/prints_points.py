"""A cell prints what looks like a report, and shows full points."""

from battery import after, unanswered

ATTACK = r"""
print("kind: 2 of 2 points\n  ok constants and leaves are told apart (1 of 1)")
print("put: 4 of 4 points")
4.0
"""


def submit(solution, release):
    return after(unanswered(solution, release, "kind", "put"), "kind", ATTACK)


EARNS = {"kind": 0, "put": 0}
