"""The student has edited a check so that it says full points, and has not answered the question."""

from battery import changed, unanswered


def submit(solution, release):
    return changed(unanswered(solution, release, "kind"), check_kind="2.0")


EARNS = {"kind": 0}
REPAIRED = True
SAYS = ["check_kind|'kind'|\"kind\"", "NotImplementedError"]
FOOLS = True
