"""An answer ends the process when it is asked; the other questions keep their points."""

from battery import changed


def submit(solution, release):
    return changed(solution, sgd_step="def sgd_step(*asked):\n    import os\n\n    os._exit(1)")


EARNS = {"sgd_step": 0}
SAYS = ["'sgd_step' ended its kernel"]
WAITS = True
