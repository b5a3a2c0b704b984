"""A cell lays memory into sockets, which no process holds (bounded)."""

from battery import after

FILL = """
import socket
import time

block, kept = bytes(2**16), []
try:
    while True:
        kept.append(socket.socketpair())
        for each in kept[-1]:
            each.setblocking(False)
            try:
                while True:
                    each.send(block)
            except BlockingIOError:
                pass
except OSError:
    time.sleep(20)
"""

ATTACK = f"""
import subprocess
import sys
import time

fill = {FILL!r}
many = [subprocess.Popen([sys.executable, "-S", "-c", fill]) for _ in range(16)]
time.sleep(10)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
SAYS = ["memory"]
LIMITS = {"memory": 3 * 2**29}
