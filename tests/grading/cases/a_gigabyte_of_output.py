"""A cell writes a gigabyte, to Python's stdout and past it."""

from battery import after

ATTACK = r"""
import os
import sys

line = "y" * 999_999 + "\n"
for _ in range(500):
    sys.stdout.write(line)
for _ in range(500):
    os.write(1, line.encode())
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
LIMITS = {"cell": 10.0}
