"""A cell takes memory that is no process's own: files without a name, shared segments (bounded)."""

from battery import after

ATTACK = """
import ctypes
import os
import time

libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
block, kept = b"x" * 15 * 2**20, []
for number in range(70):
    kept.append(os.memfd_create(str(number)))
    os.write(kept[-1], block)
for number in range(10):
    name = libc.shmget(0, 100 * 2**20, 0o1600)
    place = libc.shmat(name, None, 0)
    ctypes.memset(place, 1, 100 * 2**20)
    libc.shmdt(ctypes.c_void_p(place))
time.sleep(2)
print("took two gigabytes")
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


HOLE = "memory that is no process's own counts nowhere; a seccomp filter could refuse it"
EARNS = "all"
SANDBOX = True
SAYS = ["memory|OSError|PermissionError|ended its kernel"]
LIMITS = {"memory": 3 * 2**29}
