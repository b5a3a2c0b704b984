"""An answer waits when it is asked; it costs its own question's points and no other's."""

from battery import cell_of, changed, source


def submit(solution, release):
    waits = (
        source(cell_of(solution, "kind"))
        + """

rightly = kind


def kind(tensor):
    import time

    time.sleep(3600)
    return rightly(tensor)
"""
    )
    return changed(solution, kind=waits)


EARNS = {"kind": 0}
SAYS = [r"nothing within \d+ seconds|longer than"]
WAITS = True
