"""A cell looks for the grader's disk behind its sockets, and for any other (bounded)."""

from battery import after

ATTACK = """
import os

from ipykernel.connect import get_connection_file, get_connection_info

behind = {os.path.dirname(get_connection_file()), "/dev", "/proc", "/run", "/var/tmp"}
behind.add(os.path.dirname(get_connection_info(unpack=True)["ip"]))
with open("/proc/self/mountinfo") as mounts:
    behind |= {line.split()[4] for line in mounts} - {"/scratch", "/tmp", "/dev/shm"}
written = []
for folder in sorted(behind):
    for name in ("nameless", "named"):
        try:
            if name == "named":
                file = os.open(folder + "/named", os.O_RDWR | os.O_CREAT)
            else:
                file = os.open(folder, os.O_RDWR | os.O_TMPFILE)
            written.append((folder, os.write(file, bytes(15 * 2**20))))
        except OSError:
            pass
print("looked at", len(behind), "and wrote to", written)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SHOWS = [r"looked at \d+ and wrote to \[\]\n"]
SANDBOX = True
