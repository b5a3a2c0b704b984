"""Handed in as it was released."""


def submit(solution, release):
    return release


EARNS = "none"
SAYS = ["NotImplementedError"]
FLAGGED = False
REPAIRED = False
