"""A cell ignores the signals that would stop it, and waits forever."""

from battery import after

ATTACK = """
import signal
import time

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(1)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["longer than"]
LIMITS = {"cell": 8.0}
WAITS = True
