"""A cell makes symbolic links to the gradebook and to another student's folder."""

from battery import after

ATTACK = """
import os

for number, target in enumerate(("gradebook.db", "submitted", "secret")):
    os.symlink(f"@COURSE@/.nbgrader/{target}", f"link-{number}")
    try:
        print(os.listdir(f"link-{number}") if number == 1 else open(f"link-{number}", "rb").read())
    except OSError as error:
        print("no:", error)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = ["no:.*no:.*no:"]
SANDBOX = True
FLAGGED = True
