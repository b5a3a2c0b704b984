"""The file is a PNG picture with the name of a notebook."""


def submit(solution, release):
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


EARNS = "none"
STATUS = "failed"
SAYS = []
