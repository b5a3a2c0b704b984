"""A cell fills the disk that it may write to (bounded)."""

from battery import after

ATTACK = """
import os

written = 0
try:
    for number in range(100):
        with open(f"fill-{number}", "wb") as file:
            written += file.write(bytes(10 * 2**20))
except OSError as error:
    print("stopped after", written // 2**20, "MB:", error)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = ["stopped after"]
SANDBOX = True
