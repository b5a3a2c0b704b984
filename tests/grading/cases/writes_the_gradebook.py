"""A cell raises its own manual score by SQL, and another student's file gets overwritten."""

from battery import after

ATTACK = """
import sqlite3

for path in ("@COURSE@/.nbgrader/gradebook.db", "gradebook.db"):
    try:
        gradebook = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
        gradebook.execute("UPDATE grade SET manual_score = 100")
        gradebook.commit()
        print("raised")
    except sqlite3.Error as error:
        print("no:", error)
try:
    open("@COURSE@/.nbgrader/submitted/bob/01_leaf_tensors/leaf_tensors.ipynb", "w").write("{}")
    print("raised")
except OSError as error:
    print("no:", error)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = ["no:.*no:.*no:"]
SANDBOX = True
