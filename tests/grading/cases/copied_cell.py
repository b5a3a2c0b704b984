"""An answer and its check were copied, metadata and all (nbgrader #1083: the batch aborts)."""

import copy

from battery import cell_of


def submit(solution, release):
    notebook = copy.deepcopy(solution)
    for name in ("kind", "check_kind"):
        original = cell_of(notebook, name)
        twin = copy.deepcopy(original) | {"id": f"{name}-copy"[:12]}
        notebook["cells"].insert(notebook["cells"].index(original) + 1, twin)
    return notebook


EARNS = "all"
REPAIRED = True
SAYS = ["kind"]
