"""The reply is forged: short to send, long to read, in each of the formats it passes."""

from battery import at_the_top, wrong

ATTACK = """
import json

from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside


class Numbers:
    def __repr__(self):
        return "[" + "0," * 7_000_000 + "]"


def forged(run, question, asked):
    if question == "kind":
        return Numbers()
    return json.dumps({"data": {"dict": {"printed": "", "changed": [[]] * 3_000_000}},
                       "tensors": "AgAAAAAAAAB7fQ=="})


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
