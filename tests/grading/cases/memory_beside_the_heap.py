"""A cell takes memory that is no process's own: files without a name, shared segments (bounded)."""

from battery import after

ATTACK = """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
block, kept = b"x" * 15 * 2**20, []
taken = 0
for number in range(70):
    try:
        kept.append(os.memfd_create(str(number)))
        taken += os.write(kept[-1], block)
    except OSError:
        pass
for number in range(10):
    name = libc.shmget(0, 100 * 2**20, 0o1600)
    if name >= 0:
        place = libc.shmat(name, None, 0)
        ctypes.memset(place, 1, 100 * 2**20)
        libc.shmdt(ctypes.c_void_p(place))
        taken += 100 * 2**20
print("took", taken)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SHOWS = ["took 0"]
LIMITS = {"memory": 3 * 2**29}
