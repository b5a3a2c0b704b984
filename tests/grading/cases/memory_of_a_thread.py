"""The first thread of a process ends, so that the process looks dead, and another takes memory."""

from battery import after

ATTACK = """
import ctypes
import os
import threading
import time


def take():
    taken = bytearray(b"x" * 2**20 * 600)
    time.sleep(15)
    os._exit(0)


for _ in range(3):
    if os.fork() == 0:
        threading.Thread(target=take).start()
        ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
time.sleep(15)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SAYS = ["memory"]
LIMITS = {"memory": 3 * 2**29}
