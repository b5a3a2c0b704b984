"""An answer has become Markdown, and so is no code any more; the others keep their points."""

import copy

from battery import cell_of


def submit(solution, release):
    notebook = copy.deepcopy(solution)
    cell = cell_of(notebook, "sgd_step")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]
    return notebook


EARNS = "all"  # its text is whole
REPAIRED = True
SAYS = ["sgd_step"]
