"""A thread outlives its cell and spoils an answer that was examined before; then it prints on."""

from battery import after

ATTACK = """
import threading
import time


def spoil():
    while "put" not in globals():
        time.sleep(0.02)
    globals()["kind"] = lambda tensor: "leaf"
    while True:
        time.sleep(0.05)
        print("still here")


threading.Thread(target=spoil).start()
"""


def submit(solution, release):
    return after(solution, "check_kind", ATTACK)


EARNS = "all"
