"""The reply is forged, and a gigabyte long (bounded to 100 MB here)."""

from battery import at_the_top, wrong

ATTACK = """
import json

from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside


def forged(run, question, asked):
    return "x" * 100_000_000


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


LIMITS = {"notebook": 20.0}  # all of it goes by in waiting for a reply
EARNS = "none"
FLAGGED = True
WAITS = True
