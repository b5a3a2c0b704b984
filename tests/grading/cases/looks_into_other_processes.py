"""A cell attaches to other processes and reads their memory."""

from battery import after

ATTACK = """
import ctypes
import os
import pathlib

libc = ctypes.CDLL(None, use_errno=True)
seen = [int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")]
others = [number for number in seen if number not in (os.getpid(), 1)]
for number in {*others, 1, os.getppid()}:
    try:
        maps = pathlib.Path(f"/proc/{number}/maps").read_text()
        print("maps", len(maps) > 0)
    except OSError as error:
        print("no:", error)
print(len(seen), "processes are in sight")
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = [r"(^|\D)\d? processes are in sight"]
SANDBOX = True
