"""Solved, by an honest student."""


def submit(solution, release):
    return solution


EARNS = "all"
FLAGGED = False
REPAIRED = False
