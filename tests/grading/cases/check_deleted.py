"""Two checks were deleted; stock nbgrader then has no score for the question."""

from battery import without


def submit(solution, release):
    return without(solution, "check_kind", "check_first_order")


EARNS = "all"
REPAIRED = True
SAYS = ["kind", "first_order"]
