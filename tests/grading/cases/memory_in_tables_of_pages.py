"""A cell touches a page in every two megabytes of a mapping: it holds little, and tables for it."""

from battery import after

ATTACK = """
import mmap
import os
import time

for child in range(3):
    if os.fork() == 0:
        break
size = 2**38
room = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ)
seen = sum(room[at] for at in range(0, size, 2**21))
time.sleep(10)
os._exit(0)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SAYS = ["memory"]
LIMITS = {"memory": 2 * 2**30}
