"""The reply is forged: it says that all is well, and names points."""

from battery import at_the_top, wrong

ATTACK = """
import json

from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside


def forged(run, question, asked):
    return pack({"points": 4.0, "out_of": 4.0, "text": "all right", "printed": "",
                 "criteria": [], "changed": [], "failed": None})


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
