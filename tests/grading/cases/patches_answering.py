"""The function that puts questions to answers returns made-up replies."""

from battery import at_the_top, wrong

ATTACK = """
from l2l_ref.checks import answering
from l2l_ref.checks.leaf_tensors import run


def made_up(*asked):
    return {"values": {}, "kinds": ["leaf"] * 13, "changed": [], "printed": ""}


answering.answer = answering.answer_by_name = made_up
for name in ("run_kind", "run_put", "run_sgd_step", "run_loss_after"):
    setattr(run, name, made_up)
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
