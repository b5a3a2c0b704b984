"""A cell starts processes without end (bounded, should the guard fail)."""

from battery import after

ATTACK = """
import os
import time

started = 0
try:
    while started < 1500:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        started += 1
except BaseException as error:
    print("stopped after", started, error)
print("started", started)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SAYS = ["process|ended|raised|BlockingIOError"]
LIMITS = {"processes": 64}
