"""An answer is wrong at every first call with new arguments, and right when called again."""

from battery import cell_of, changed, source


def submit(solution, release):
    return changed(
        solution,
        kind=source(cell_of(solution, "kind"))
        + """

rightly, calls = kind, []


def kind(tensor):
    calls.append(tensor)
    return rightly(tensor) if len(calls) % 2 == 0 else "leaf"
""",
    )


EARNS = {"kind": 0}
