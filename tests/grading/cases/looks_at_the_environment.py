"""A cell prints its environment and that of every process it can see."""

from battery import after

ATTACK = r"""
import os
import pathlib

print(dict(os.environ))
for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
    try:
        print(path, path.read_bytes().replace(b"\0", b" "))
    except OSError as error:
        print(path, error)
print("looked")
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = ["looked"]
SANDBOX = True
