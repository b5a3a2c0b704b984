"""The file is empty."""


def submit(solution, release):
    return b""


EARNS = "none"
STATUS = "failed"
SAYS = ["empty"]
