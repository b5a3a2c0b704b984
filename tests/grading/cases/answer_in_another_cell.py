"""The answer stands in a cell that the student added above; the answer's own is as released."""

from battery import after, cell_of, source, unanswered


def submit(solution, release):
    notebook = unanswered(solution, release, "kind")
    return after(notebook, "text-001", source(cell_of(solution, "kind")))


EARNS = "all"
REPAIRED = True
SAYS = ["kind"]
