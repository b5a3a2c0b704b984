"""A forged reply tells tensors by the names of the ways they were made, which it has to know."""

from battery import at_the_top, wrong

ATTACK = """
import json

from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside


def forged(run, question, asked):
    asked = unpack(asked)
    if question != "kind":
        return pack({"printed": ""})
    leaves = ("w", "x.clone().requires_grad_()", "w.detach().requires_grad_()", "nn.Parameter(x)",
              "nn.Parameter(2 * w)")
    constants = ("x", "2 * x", "torch.arange(3)", "w.data", "w.detach()", "(2 * w).detach()",
                 "2 * w, under torch.no_grad()", "nn.Parameter(x, requires_grad=False)")
    return pack({"printed": "", "kinds": ["leaf" if way in leaves else "constant" if way in
                 constants else "result" for way in asked["made"]]})


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = dict.fromkeys(("sgd_step", "put", "loss_after", "first_order", "learn_rates"), 0)
FLAGGED = True
