"""The student has written 100 points into the metadata of a check."""

import copy

from battery import cell_of


def submit(solution, release):
    notebook = copy.deepcopy(solution)
    cell_of(notebook, "check_kind")["metadata"]["nbgrader"]["points"] = 100
    return notebook


EARNS = "all"
