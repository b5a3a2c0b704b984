"""The displays of rich are installed, which write texts otherwise than Python does."""

from battery import at_the_top


def submit(solution, release):
    return at_the_top(solution, "from rich import pretty\n\npretty.install()")


EARNS = "all"
