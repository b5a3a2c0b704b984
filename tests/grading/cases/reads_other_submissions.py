"""A cell looks for notebooks, gradebooks and solutions, and prints what is in them."""

from battery import after

ATTACK = """
import os
import pathlib

found = 0
for start in ("@COURSE@", "..", os.path.expanduser("~"), "/tmp", "/home", "/root", "/work", "/srv"):
    for folder, _, names in os.walk(start):
        if "site-packages" in folder:
            continue  # other people's examples lie there
        for name in names:
            if name.endswith((".ipynb", ".db", "secret", "solution.py")) and found < 1000:
                found += 1
                print(pathlib.Path(folder, name).read_bytes()[:5000])
print("found", found)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = ["found 0"]
SANDBOX = True
