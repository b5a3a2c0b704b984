"""One question's argument is kept in a global and spoilt in the next; each stands for itself."""

from battery import cell_of, changed, source


def submit(solution, release):
    return changed(
        solution,
        sgd_step=source(cell_of(solution, "sgd_step"))
        + """

stepping, seen = sgd_step, []


def sgd_step(weights, gradients, rate):
    for old in seen:
        old.clear()  # what the check before has given
    seen[:] = [weights]
    return stepping(weights, gradients, rate)
""",
    )


EARNS = "all"  # what was given before is the check's no more
