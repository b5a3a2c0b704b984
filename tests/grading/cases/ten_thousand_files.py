"""A cell makes ten thousand files."""

from battery import after

ATTACK = """
for number in range(10_000):
    open(f"file-{number}", "w").close()
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
