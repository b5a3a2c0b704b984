"""An answer was deleted; the others keep their points."""

from battery import without


def submit(solution, release):
    return without(solution, "put")


EARNS = {"put": 0}
REPAIRED = True
SAYS = ["put"]
