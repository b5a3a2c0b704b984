"""Two partners merged with git; the markers still stand in an answer."""

from battery import WRONG, cell_of, changed, source


def submit(solution, release):
    ours = source(cell_of(solution, "kind"))
    both = f"<<<<<<< HEAD\n{ours}\n=======\n{WRONG['kind']} (\n>>>>>>> partner\n"
    return changed(solution, kind=both)


EARNS = "all"  # one side is Python
REPAIRED = True
SAYS = ["kind", "merge|conflict"]
