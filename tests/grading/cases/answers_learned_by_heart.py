"""The replies to the notebook's own questions, whose seed never changes, are played back."""

import functools

import torch
import torch.nn.functional as F
from battery import changed, wrong
from torch import nn
from torch.func import functional_call

from l2l_ref.checks import get_check

PLAYED = """
nan, inf = float("nan"), float("inf")

def first_order(module, x, y, rates, steps):
    heard = first_order.__dict__.setdefault("heard", {heard!r})
    heard.append(heard.pop(0))
    return {{n: torch.tensor(v, dtype=rates[n].dtype) for n, v in heard[-1].items()}}
"""


@functools.cache
def heard(solution: str) -> list[dict]:
    """What the right answer says to the questions of seed 0, one after the other."""
    names = {"torch": torch, "nn": nn, "F": F, "functional_call": functional_call}
    exec(solution, names)
    said = []

    def first_order(module, x, y, rates, steps):
        found = names["first_order"](module, x, y, rates, steps)
        said.append({name: value.item() for name, value in found.items()})
        return found

    check = get_check("leaf_tensors")
    assert check.examine("first_order", {"first_order": first_order}).points == 2
    return said


def submit(solution, release):
    (right,) = (cell["source"] for cell in solution["cells"] if cell["id"] == "first_order")
    return changed(wrong(release), first_order=PLAYED.format(heard=heard(right)))


EARNS = "none"
FOOLS = True
