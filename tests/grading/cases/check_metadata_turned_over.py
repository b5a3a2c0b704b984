"""An editor has turned a check's metadata over; stock nbgrader says "Inconsistent checksums"."""

import copy

from battery import cell_of


def submit(solution, release):
    notebook = copy.deepcopy(solution)
    metadata = cell_of(notebook, "check_kind")["metadata"]["nbgrader"]
    metadata |= {"grade": False, "solution": True, "locked": False}
    return notebook


EARNS = "all"
