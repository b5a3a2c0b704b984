"""The reply is forged: it names thousands of things that have changed, each at length."""

from battery import at_the_top, wrong

ATTACK = """
from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside

texts = ["x y" * 1300 + str(number) for number in range(3900)]


def forged(run, question, asked):
    few = texts if question == "kind" else texts[:120]  # too many texts, or as many as may be
    return pack({"printed": "", "changed": few, "touched": few, "said": few, "kind": few})


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
