"""The function that a question asks for has another name; nobody can know that it is the answer."""

from battery import cell_of, changed, source


def submit(solution, release):
    return changed(solution, kind=source(cell_of(solution, "kind")).replace("kind(", "my_kind("))


EARNS = {"kind": 0}
SAYS = ["kind", "no function kind|name"]
