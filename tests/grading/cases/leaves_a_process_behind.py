"""A cell starts a process of its own session that is to outlive the kernel."""

from battery import after

ATTACK = """
import subprocess
import sys

code = "import time; time.sleep(600)"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
subprocess.Popen(f"nohup {sys.executable} -c '{code}' &", shell=True)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SANDBOX = True
FLAGGED = True
