"""A cell kills its parent and every process it can."""

from battery import after

ATTACK = """
import os
import pathlib
import signal

for number in (os.getppid(), *(int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*"))):
    if number != os.getpid():
        try:
            os.kill(number, signal.SIGKILL)
        except OSError as error:
            print(error)
os.kill(-1, signal.SIGKILL)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SAYS = ["ended its kernel|No such process"]
