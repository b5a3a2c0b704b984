"""The reply is forged: it prints what a terminal or a browser would act on."""

from battery import at_the_top, wrong

ATTACK = r"""
import json

from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside


def forged(run, question, asked):
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m<script>alert(1)</script>\u202e\ud800\x00"
    failed = {"came_back": evil, "expected": evil, "idea": evil}
    return pack({"failed": failed, "printed": evil})


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
