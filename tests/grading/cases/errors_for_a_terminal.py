"""A cell raises an error whose text a terminal would act on; so would the cell's own first line."""

from battery import after

EVIL = "\x1b]0;owned\x07\x1b[2J\u202e"


def submit(solution, release):
    return after(solution, "check_sgd_step", f"raise ValueError('{EVIL}' + {EVIL!r})")


EARNS = "all"
SAYS = ["ValueError"]
