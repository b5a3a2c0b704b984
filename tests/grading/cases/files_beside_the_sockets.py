"""The kernel's sockets lie on the grader's disk; a cell fills a folder beside them (bounded)."""

from battery import after

ATTACK = """
import pathlib

from ipykernel.connect import get_connection_file

sockets = pathlib.Path(get_connection_file()).parent / "sockets"

hidden = sockets / "a" / "b"
hidden.mkdir(parents=True)
for number in range(20):
    (hidden / str(number)).write_bytes(bytes(15 * 2**20))
import time

time.sleep(2)
print("filled")
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["files beside|OSError"]
SANDBOX = True
