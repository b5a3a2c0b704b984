"""Question 1 of exercise 01: what a tensor is to autograd."""

import re

import torch

from ..examining import Lost, shuffled
from .steps import must_stay

#: What each of the ways in `run.MADE` and `run.CHANGED` makes.
CONSTANTS = [
    "x",
    "2 * x",
    "torch.arange(3)",
    "x > 0",
    "x + 1j",
    "torch.empty(0)",
    "w.data",
    "w.detach()",
    "w.detach().view(2, 2).T",
    "w.argmax()",
    "(2 * w).detach()",
    "2 * w, under torch.no_grad()",
    "nn.Parameter(x, requires_grad=False)",
    "nn.Buffer(x)",
    "l.grad, where l is a leaf, after l.sum().backward()",
]
LEAVES = [
    "w",
    "x.clone().requires_grad_()",
    "w.detach().requires_grad_()",
    "w.detach()[:2].requires_grad_()",
    "w.sum().detach().requires_grad_()",
    "x.double().requires_grad_()",
    "nn.Parameter(x)",
    "nn.Parameter(2 * w)",
    "nn.Parameter(x), after a backward()",
]
RESULTS = [
    "2 * w",
    "w / 0",
    "w.exp()",
    "w.clone()",
    "w.view(-1)",
    "w.view(2, 2).T",
    "w[0]",
    "w.unbind()[1]",
    "w.double()",
    "w.sum()",
    "x.clone().add_(w)",
    "r = w.exp(), after r.retain_grad() and a backward()",
]

#: A parameter can be anything. Whoever takes each for a leaf pays for the first one alone.
FROZEN = "nn.Parameter(x, requires_grad=False)"
MOVED = f"{FROZEN}.add_(w)"

#: Asked in one criterion alone, like all that is asked a second time or under no_grad.
ODD = [
    "(x + 1j).requires_grad_()",
    "torch.zeros(4, requires_grad=True)",
    "torch.empty(0, requires_grad=True)",
    "x.half().requires_grad_()",
    "nn.Buffer(x).requires_grad_()",
    "nn.Buffer(2 * w)",
]
ODD_RESULTS = [
    *("torch.complex(w, w)", "0 * w", "w[:0]", "w.half()", "nn.Buffer(x).add_(w)"),
    "2 * l, where l is a leaf, after l.requires_grad_(False)",
]
CHANGED = {
    "x, asked about before and after x.requires_grad_()": "leaf",
    "w, asked about before and after w.requires_grad_(False)": "constant",
    "r = 2 * w, asked about before and after r.detach_()": "constant",
}

BY_CLASS = (
    "nn.Parameter is one way to make a leaf, and can make a constant, too: a plain tensor may want "
    "a .grad just as well"
)

EXPECTED = dict.fromkeys(CONSTANTS, "constant") | dict.fromkeys(LEAVES + ODD, "leaf")
EXPECTED |= dict.fromkeys([*RESULTS, *ODD_RESULTS, MOVED], "result") | CHANGED


def in_full(way: str) -> str:
    """A way to make a tensor, and what the letters in it stand for."""
    letters = set(re.findall(r"\b[xw]\b", way))
    x, w = "x = torch.randn(4)", "w = x.clone().requires_grad_()"
    if not letters:
        return way
    return f"{way}, where {x} and {w}" if "w" in letters else f"{way}, where {x}"


def exam_kind(generator, ask, report):
    """Tell constants from leaves, and leaves from results."""

    def asked(ways: list[str], recording: bool = True) -> dict:
        return ask(x=torch.randn(4, generator=generator), made=ways, recording=recording)

    def told(ways: list[str], idea: str, recording: bool = True) -> None:
        ways = shuffled(ways, generator)
        kinds = asked(ways, recording)["kinds"]
        leaves = [way for way, kind in zip(ways, kinds, strict=True) if kind == "leaf"]
        if leaves and all(way.startswith("nn.Parameter") for way in leaves):
            idea = BY_CLASS
        for way, kind in zip(ways, kinds, strict=True):
            if kind not in EXPECTED.values():
                raise Lost(repr(kind), "'constant', 'leaf' or 'result'", way, "spelling counts")
            if kind != EXPECTED[way]:
                asked_so = "" if recording else "; kind itself is called under torch.no_grad()"
                raise Lost(repr(kind), repr(EXPECTED[way]), in_full(way) + asked_so, idea)

    all_told = False
    with report.criterion("constants and leaves are told apart", 1):
        told(
            CONSTANTS + LEAVES + ODD,
            "which of them get a .grad from backward()? is_leaf is True for every tensor that no "
            "recorded operation made, also for one that asks for no gradient",
        )
        now = "a tensor can change; what it is now, its attributes say, and no memory of it"
        told(list(CHANGED), now)
        what = "under no_grad() nothing new is recorded, but a tensor still knows what it is"
        told(CONSTANTS + LEAVES, what, recording=False)
        all_told = True
    with report.criterion("leaves and results are told apart", 1):
        idea = "both require gradients; only a result knows the operation that made it (grad_fn)"
        told(LEAVES + RESULTS, idea)
        if asked([FROZEN])["kinds"] == ["constant"]:
            told([MOVED], idea)
        if all_told:  # whoever fails at leaves of this kind has paid for it
            told(ODD_RESULTS, idea)
            told(RESULTS, idea, recording=False)
        for recording, mode in ((True, ""), (False, ", under torch.no_grad()")):
            must_stay(
                asked(CONSTANTS + LEAVES + RESULTS, recording)["changed"],
                f"a tensor of each kind{mode}",
                "its attributes say what a tensor is; requires_grad_(), retain_grad() and "
                "backward() make something else of it",
            )
