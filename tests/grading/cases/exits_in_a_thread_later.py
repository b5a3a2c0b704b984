"""A cell passes, and its thread ends the process some time later."""

from battery import after

ATTACK = """
import os
import threading

threading.Timer(1.5, os._exit, [3]).start()
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["ended"]
LIMITS = {"notebook": 60.0}
SLOW = True
