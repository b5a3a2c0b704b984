"""The reply is forged: tensors without entries, or of shapes that fit everything."""

from battery import at_the_top, wrong

ATTACK = """
import json

from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside


def forged(run, question, asked):
    asked = unpack(asked)
    empty, one = torch.zeros(0), torch.zeros(1, 1, 1)
    names = asked.get("weights", asked.get("rates", {}))
    return pack({
        "values": {n: empty for n in names}, "by_weight": {n: empty for n in names},
        "by_gradient": {n: one for n in names}, "by_rate": {n: empty for n in names} if
        question != "sgd_step" else empty, "loss": empty, "again": empty, "output": empty,
        "by_source": empty, "changed": [], "gone": [], "frozen": [], "still_there": False,
        "kinds": [], "returned": ["leaf"], "met": ["leaf"], "printed": "", "raised": [],
    })


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
