"""A cell takes memory without end (bounded, should the guard fail)."""

from battery import after

ATTACK = """
taken = []
while len(taken) < 40:
    taken.append(bytearray(b"x" * 100 * 2**20))
print("took", len(taken), "times 100 MB")
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SAYS = ["MemoryError|memory|ended its kernel"]
LIMITS = {"memory": 3 * 2**29}
