"""A forged reply tells tensors by the names of the ways they were made, which it has to know."""

from battery import at_the_top, wrong

ATTACK = """
from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside

CONSTANT = ("x", "2 * x", "torch.arange(3)", "x > 0", "x + 1j", "torch.empty(0)", "l.grad, ",
            "(2 * w).detach()", "2 * w, under", "nn.Parameter(x, requires_grad=False)",
            "w, asked about", "r = 2 * w, asked about",
            "nn.Buffer(x)")
LEAF = ("w", "nn.Parameter(x)", "nn.Parameter(x), after", "nn.Parameter(2 * w)", "nn.Buffer(2 * w)",
        "x, asked about")


def by_name(way):
    if way in CONSTANT + LEAF:
        return "constant" if way in CONSTANT else "leaf"
    if "requires_grad_()" in way or "requires_grad=True" in way:
        return "leaf"
    for kind, ways in (("constant", CONSTANT), ("leaf", LEAF)):
        if any(len(each) > 5 and way.startswith(each) and "add_" not in way for each in ways):
            return kind
    return "constant" if way.startswith(("w.data", "w.detach()", "w.argmax")) else "result"


def forged(run, question, asked):
    asked = unpack(asked)
    if question != "kind":
        return pack({"printed": ""})
    return pack({"printed": "", "changed": [], "kinds": [by_name(way) for way in asked["made"]]})


inside.answer = forged
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


OTHERS = ("sgd_step", "put", "loss_after", "first_order", "learn_rates", "slopes_are_right")
EARNS = dict.fromkeys(OTHERS, 0)
FLAGGED = True
