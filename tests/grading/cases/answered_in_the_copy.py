"""The student copied the answer's cell and solved the question in the copy; nbgrader #1083."""

import copy

from battery import cell_of, source, unanswered


def submit(solution, release):
    notebook = unanswered(solution, release, "kind")
    original = cell_of(notebook, "kind")
    solved = {"id": "f00dfeed", "source": source(cell_of(solution, "kind"))}
    notebook["cells"].insert(
        notebook["cells"].index(original) + 1, copy.deepcopy(original) | solved
    )
    return notebook


EARNS = "all"
REPAIRED = True
SAYS = ["kind"]
