"""Question 6 of exercise 01: learning the rates."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..examining import Lost, rate_near, recognise, told
from .steps import DIGITS, DOUBLE, IN_USE, first_of, must_stay, same

FEW = ["encoder", "head", "bias"]

ONE = (
    "each name has a rate of its own: where names share a tensor, its slope is the sum of theirs, "
    "so make a new leaf for each name before the first step"
)

NO_RESCUE = "asked for are the rates after the last step, whatever becomes of the loss"

#: What to look at when something that was given has changed.
KEEP = {
    r"what an earlier call returned": "begin with a dict of your own in each call",
    r"\(the names\)|other tensors are in it": "something was written into the dict that was "
    "given; begin with a dict of your own",
    r"\.grad$": "backward() adds to the .grad of all leaves behind a loss, also of those that are "
    "no rates; autograd.grad touches none",
    r"\.(requires_grad|retains_grad)$": "requires_grad_(), detach_() and retain_grad() act on the "
    "very tensor they are called on; begin with tensors of your own",
    r"\]$|^other_leaf$": "detach() shares its memory with the caller's tensor, so that a step in "
    "place goes there; clone() does not",
}


@dataclass(frozen=True)
class Learning:
    """A learning of rates that is asked for, on ``||A r - b||^2``.

    Args:
        words: what is special about it.
        kinds: what the rates are, in turn.
        names: theirs.
        steps: how many.
        meta_rate: times the largest curvature of the loss; from 2 on the loss rises.
        size: of A and b.
        dtype: of all.
        infinite: whether the loss is, and each of its slopes.
        options: how `run_learn_rates` asks for it.
        idea: what to look at when the numbers are wrong here.
    """

    words: str = ""
    kinds: tuple = ("leaves",)
    names: list = field(default_factory=lambda: FEW)
    steps: int = 5
    meta_rate: float = 0.3
    size: float = 1.0
    dtype: torch.dtype = torch.float32
    infinite: bool = False
    options: dict = field(default_factory=dict)
    idea: str = "rate <- rate - meta_rate * d loss_of(rates) / d rate, for all rates at once"

    def drawn(self, generator: torch.Generator) -> dict:
        """The arguments of `run_learn_rates`."""
        n = len(self.names)
        A, b = (self.size * torch.randn(s, generator=generator) for s in ((n + 1, n), (n + 1,)))
        A, b = A.to(self.dtype), b.to(self.dtype)
        rates = {name: rate_near(0.3, generator).to(self.dtype) / 3 for name in self.names}
        if self.options.get("one"):
            rates = dict.fromkeys(rates, rates[self.names[0]])
        question = {"probe_A": A, "probe_b": b, "rates": rates, "steps": self.steps}
        question |= {"kinds": list(self.kinds), "meta_rate": 1.0} | self.options
        A, _ = squares(question)
        steepest = 2 * float(torch.linalg.matrix_norm(A, 2)) ** 2
        if self.infinite:
            b[0] = torch.inf
        return question | {"meta_rate": self.meta_rate / steepest}

    def given(self, question: dict) -> str:
        """What was given, in words."""
        rates = f"{len(self.names)} rates, which are {' and '.join(self.kinds)}"
        meta_rate = f"meta_rate = {question['meta_rate']:.4g}"
        return ", ".join(filter(None, [rates, meta_rate, f"steps = {self.steps}", self.words]))


VALUES = [
    Learning(kinds=("constants",)),
    Learning(),
    Learning("all in float64", dtype=torch.float64, idea=DIGITS),
    Learning("every .grad is in use", options={"planted": True}, idea=IN_USE),
    Learning("the loss depends on other_leaf as well", options={"own": True}, idea=IN_USE),
    Learning(kinds=("results", "constants", "leaves")),
    Learning("named w1 to w12", names=[f"w{k}" for k in range(1, 13)]),
    Learning(steps=0),
    Learning(steps=1),
    Learning(meta_rate=0.0),
    Learning(
        "which is so large that the loss rises",
        meta_rate=2.5,
        idea=NO_RESCUE,
    ),
    Learning(steps=120, meta_rate=0.1),
    Learning("all slopes are inf or -inf", steps=2, infinite=True, idea=NO_RESCUE),
    Learning("the slopes are tiny", size=1e-6, idea="a small slope is no reason to stop"),
    Learning("the loss is large", size=1e4),
    Learning("loss_of uses autograd.grad itself", options={"inside": True}),
    Learning("another loss was learned on before", options={"calls": 2}),
    *(
        Learning("one tensor stands for all of them", (kind,), options={"one": True}, idea=ONE)
        for kind in ("constants", "leaves", "results")
    ),
]
LEAVES = [
    Learning(kinds=("constants",), steps=3, meta_rate=0.1),
    Learning(kinds=("results",), steps=3, meta_rate=0.1),
    Learning(kinds=("results", "constants", "leaves"), steps=3, meta_rate=0.1),
    Learning(kinds=("constants",), steps=0),
    Learning(kinds=("constants", "results"), meta_rate=0.0),
]


def squares(question: dict) -> tuple[Tensor, Tensor]:
    """A and b, so that the loss is ``||A r - b||^2``."""
    A, b = question["probe_A"].double(), question["probe_b"].double()
    return (A.T @ A, A.T @ b) if question.get("inside") else (A, b)


def learned(question: dict, forget: float = 1.0) -> dict[str, Tensor]:
    """Gradient descent with the gradient worked out; ``forget`` 0 lets gradients add up."""
    A, b = squares(question)
    r, g = torch.stack(list(question["rates"].values())).double(), 0
    for _ in range(question["steps"]):
        g = (1 - forget) * g + 2 * A.T @ (A @ r - b)
        r = r - question["meta_rate"] * g
    return dict(zip(question["rates"], r, strict=True))


def must_be_lower(question: dict, reply: dict, given: str) -> None:
    """Something was learned, even if the numbers are not right.

    Raises:
        Lost: the loss has not become lower, or was not asked for.
    """
    if reply["calls"] < question["steps"]:
        idea = "each step takes the gradient of loss_of at the rates of that step"
        times = f"loss_of was called {reply['calls']} times"
        raise Lost(times, f"{question['steps']} times, once in each step", given, idea)
    A, b = squares(question)

    def height(rates: dict[str, Tensor]) -> Tensor:
        r = torch.stack([rates[name] for name in question["rates"]]).double()
        return (A @ r - b).square().sum()

    moves = question["steps"] and question["meta_rate"]
    if moves and not height(reply["values"]) < height(question["rates"]):
        raise Lost(
            "rates whose loss is not lower than before",
            "a lower loss after each step",
            given,
            "the next step begins where the one before has arrived, with leaves of its numbers",
        )


def exam_learn_rates(generator, ask, report):
    """Values; leaves."""

    def asked(learning: Learning) -> tuple[dict, dict, str]:
        question = learning.drawn(generator)
        given = learning.given(question)
        return question, told(ask, question, given), given

    def judge(learning: Learning, question: dict, reply: dict, given: str) -> None:
        expected = learned(question)
        mistakes = {
            "backward() adds to what lies in .grad, and there the gradient of the step before "
            "lies": learned(question, forget=0.0)
        }
        idea = recognise(reply["values"], mistakes, learning.idea)
        tolerance = {"tolerance": DOUBLE} if learning.dtype is torch.float64 else {}
        largest = max(float(value.abs().nan_to_num(0, 0)) for value in expected.values())
        for name, value in expected.items():
            got = reply["values"][name]
            same(got, value, what=name, given=given, idea=idea, scale=largest, **tolerance)

    with report.criterion("the learned rates; those given stay as they were", 1):
        for learning in VALUES:
            question, reply, given = asked(learning)
            judge(learning, question, reply, given)
            must_stay(
                reply["changed"],
                given,
                first_of(KEEP, reply["changed"], "begin with tensors and a dict of your own"),
            )
    with report.criterion("every step begins with leaves, and the result is leaves", 1):
        for learning in LEAVES:
            question, reply, given = asked(learning)
            must_be_lower(question, reply, given)
            for what, kinds in (("loss_of was called with", "met"), ("returned:", "returned")):
                others = [f"{kind}s" for kind in reply[kinds] if kind != "leaf"]
                if others:
                    raise Lost(
                        f"{what} {' and '.join(others)}",
                        "trainable leaves, in every step and at the end",
                        given,
                        "a result carries the graph of all steps before, and a constant asks for "
                        "no gradient: what makes a leaf of either?",
                    )
