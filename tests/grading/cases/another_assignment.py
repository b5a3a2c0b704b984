"""The notebook is that of another exercise, solved."""

from battery import both


def submit(solution, release):
    return both("02_meta_modules")[0]


EARNS = "none"
STATUS = "failed"
SAYS = ["meta_modules"]
