"""A check has become a cell of raw text: one key too many in the editor."""

import copy

from battery import cell_of


def submit(solution, release):
    notebook = copy.deepcopy(solution)
    cell = cell_of(notebook, "check_put")
    cell["cell_type"] = "raw"
    del cell["outputs"], cell["execution_count"]
    return notebook


EARNS = "all"
REPAIRED = True
SAYS = ["put"]
