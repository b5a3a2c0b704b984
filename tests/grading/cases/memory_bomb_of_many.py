"""Many processes, each with a little memory, take much together (bounded)."""

from battery import after

ATTACK = """
import os
import time

for _ in range(12):
    if os.fork() == 0:
        taken = bytearray(b"x" * 300 * 2**20)
        time.sleep(60)
        os._exit(0)
time.sleep(5)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SAYS = ["memory|ended its kernel"]
LIMITS = {"memory": 3 * 2**29}
