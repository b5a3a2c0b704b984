"""A cell raises its limits, and lowers the number of files to nothing."""

from battery import after

ATTACK = """
import resource

for name in ("RLIMIT_DATA", "RLIMIT_NPROC", "RLIMIT_FSIZE"):
    try:
        resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
        print(name, "raised")
    except (ValueError, OSError) as error:
        print(name, "refused")
"""

NO_FILES = "resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))"


def submit(solution, release):
    return after(
        solution, "check_sgd_step", ATTACK, "resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))"
    )


EARNS = "all"
SHOWS = ["RLIMIT_DATA refused"]
SANDBOX = True
