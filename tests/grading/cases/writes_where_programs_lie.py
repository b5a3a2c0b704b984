"""A cell writes into Python's packages, the course's package and /usr."""

from battery import after

ATTACK = """
import os
import pathlib
import sys

import torch

import l2l_ref

torchs, ours = torch.__path__[0], l2l_ref.__path__[0]
for folder in (torchs, ours, sys.prefix, "/usr/local", "/etc", "@COURSE@"):
    try:
        pathlib.Path(folder, "l2l_was_here").touch()
        os.remove(pathlib.Path(folder, "l2l_was_here"))
        print("WROTE", folder)
    except OSError as error:
        print("no:", error)
setting = pathlib.Path("/proc/sys/vm/swappiness")
try:
    setting.write_text(setting.read_text())
    print("WROTE", setting)
except OSError as error:
    print("no:", error)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = ["(no:.*){7}"]
SANDBOX = True
