"""A check has become a cell of Markdown: one key too many in the editor."""

import copy

from battery import cell_of


def submit(solution, release):
    notebook = copy.deepcopy(solution)
    cell = cell_of(notebook, "check_put")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]
    return notebook


EARNS = "all"
REPAIRED = True
SAYS = ["put"]
