"""The reply is forged: a hundred thousand brackets, in each of the formats it passes."""

from battery import at_the_top, wrong

ATTACK = """
import json

from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside


DEEP = "[" * 100_000 + "]" * 100_000


class Brackets:
    def __repr__(self):
        return DEEP


def forged(run, question, asked):
    if question == "kind":
        return Brackets()  # where a text is read
    if question == "sgd_step":
        return DEEP  # where JSON is read
    return json.dumps({"data": {"dict": {"printed": ""}}, "tensors": DEEP})


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
