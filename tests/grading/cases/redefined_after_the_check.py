"""An answer is right where it is checked, and another function takes its name further down."""

from battery import WRONG, after


def submit(solution, release):
    return after(solution, "check_put", WRONG["kind"], "put = None")


EARNS = "all"
