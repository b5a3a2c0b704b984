"""The reply is forged: a text, a number, a list or nothing, and failures that are none."""

from battery import at_the_top, wrong

ATTACK = """
import json

from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside


FORMS = [None, 4.0, "4.0", [], {"failed": 4.0}, {"failed": {"came_back": 1}}, {"printed": 3},
         {"failed": {"came_back": "", "expected": "", "idea": "", "given": "x"}, "printed": ""},
         {"kinds": "leaf" * 5, "printed": ""}, {"kinds": 4, "printed": ""}, {"printed": ""}]


def forged(run, question, asked):
    form = FORMS.pop(0) if len(FORMS) > 1 else FORMS[0]
    return form if form == 4.0 else pack(form)


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
