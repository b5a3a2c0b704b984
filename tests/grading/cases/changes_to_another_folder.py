"""A cell changes the folder, and puts modules of its own where Python looks first."""

from battery import after

ATTACK = """
import os
import pathlib
import sys

os.makedirs("own/torch", exist_ok=True)
pathlib.Path("own/torch/__init__.py").write_text("raise ImportError")
pathlib.Path("own/json.py").write_text("raise ImportError")
os.chdir("own")
sys.path.insert(0, os.getcwd())
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
