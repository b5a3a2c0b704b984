"""The question of exercise 02 on containers: a sequence of layers is a layer."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..answering import doubled
from ..examining import Lost, close, must_be_kept, normal, show, told
from .networks import Mask, prelu
from .twins import EXACT, FINE, precise

CONTAINED = {
    "0.weight": (2, 2),
    "0.bias": (2,),
    "2.0.weight": (2, 2),
    "2.0.bias": (2,),
    "2.1.weight": (1,),
    "2.2.0.running_gain": (2,),
    "4.weight": (2,),
    "5.weight": (1,),
}
FIXED, FROZEN = "4.weight", "5.weight"
TWICE = {"10.weight": "0.weight", "10.bias": "0.bias"}
PLACES = [0, 1, 2, 1, 4, 5, 1, 1, 1, 1, 0]
PARTS = (
    "tanh = nn.Tanh(); MetaSequential(first, tanh, MetaSequential(layer, nn.PReLU(), "
    "nn.Sequential(gain)), tanh, a fixed factor, a frozen nn.PReLU() in eval mode, tanh, tanh, "
    "tanh, tanh, first)"
)
#: Slices, by start, stop and step.
CUTS = [
    [1, None, None],
    [0, None, None],
    [-1, None, None],
    [None, -1, None],
    [2, 5, None],
    [3, 99, None],
    [11, None, None],
    [None, None, 2],
    [None, None, -1],
]


class Gain(nn.Module):
    """The twin of the factor that is a weight."""

    def __init__(self):
        super().__init__()
        self.running_gain = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return x * self.running_gain


def container(weights: dict[str, Tensor]) -> nn.Sequential:
    """The twin, in float64, tied where ``weights`` has none for the second layer."""
    inner, tanh = nn.Sequential(nn.Linear(2, 2), nn.PReLU(), nn.Sequential(Gain())), nn.Tanh()
    first, frozen = nn.Linear(2, 2), prelu(torch.zeros(1), trainable=False)
    made = nn.Sequential(first, tanh, inner, tanh, Mask(), frozen, tanh, tanh, tanh, tanh, first)
    if "2.0.weight" not in weights:
        inner[0].weight = first.weight
    made[4].weight = torch.zeros(2)
    again = {place: weights[of] for place, of in TWICE.items()}
    made = made.double()
    made.load_state_dict({"2.0.weight": weights["0.weight"]} | weights | again)
    return made


def same(what: str, got, expected, idea: str, given: str = PARTS) -> None:
    """Names, numbers and places must be equal.

    Raises:
        Lost: they are not.
    """
    if got != expected:
        raise Lost(f"{what}: {got}", f"{what}: {expected}", given, idea)


def exam_sequential(generator, ask, report):
    """Used as a list; state dicts; parameters."""

    def fresh() -> dict[str, Tensor]:
        # Halved: where every tanh is near 1, the slope 1 - tanh^2 has lost its digits.
        weights = {name: w / 2 for name, w in normal(CONTAINED, generator).items()}
        slopes = {name: weights[name].abs() + 0.2 for name in ("2.1.weight", FROZEN)}
        return weights | slopes

    def batch(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    with report.criterion("container: call, length, index, slice and iteration", 0.25):
        for shape in ((5, 2), (2,), (2, 3, 2)):
            used(ask, fresh(), batch(*shape), batch(*shape), f"{PARTS}; an input of shape {shape}")
        doubles = doubled(fresh()), batch(5, 2) * FINE, batch(5, 2) * FINE
        used(ask, *doubles, f"{PARTS}; everything in double precision")
    with report.criterion("container: state dicts go both ways", 0.25):
        before, state, x, probe = fresh(), fresh(), batch(5, 2), batch(5, 2)
        state |= {place: state[of] for place, of in TWICE.items()}
        given = f"{PARTS}, and the state dict of its twin"
        twin = container(state)
        keys, output = list(twin.state_dict()), twin(x.double()).detach()
        state = {key: state[key] for key in keys}
        reply = told(ask, {"weights": before, "state": state, "x": x, "probe": probe}, given)
        same("the keys of its state dict", reply["keys"], keys, "children go by their numbers")
        for name, value in state.items():
            close(reply["state"][name], value, what=name, given=given, idea="its own tensors")
        close(reply["output"], output, what="its output", given=given, idea="its own children")
    with report.criterion("container: parameters() gives all weights, torch.optim trains them", 1):
        for tied in (False, True):
            weights = fresh()
            weights["2.0.bias"] = weights["0.bias"].clone()  # equal, and not tied
            if tied:
                del weights["2.0.weight"]
            given = f"{PARTS}; the two layers are tied" if tied else PARTS
            trains(ask, weights, batch(5, 2), batch(5, 2), given)


def used(ask, weights: dict[str, Tensor], x: Tensor, probe: Tensor, given: str) -> None:
    """Called, indexed, cut and iterated over."""
    reply = told(ask, {"weights": weights, "x": x, "probe": probe, "cuts": CUTS}, given)
    source = x.double().requires_grad_()
    output = container(weights)(source)
    (by_x,) = torch.autograd.grad((probe.double() * output).sum(), source)
    rule = "one module after the other, each on what the one before gave"
    sliced = "a slice is a container of the same layers, not of copies"
    values = (
        ("output", "its output", output.detach(), rule),
        ("again", "its output, called again", output.detach(), rule),
        ("by_x", "the derivative of its output in its input", by_x, f"{rule}, with its graph"),
        ("slice_output", "net[1:](net[0](x))", output.detach(), sliced),
    )
    twice = "a module may come twice: children() gives it once, _modules.values() each time"
    where = "which children it gives, tanh being number 1, 99 for others"
    indices = f"an index counts from 0, a negative one from the end; {twice}"
    for key, what, value, idea in values[:3]:
        if reply[key] is None:
            raise Lost(f"{what}: none, no graph leads there", show(value), given, idea)
        precise(reply[key], value, EXACT * (x.dtype == torch.float64), what, given, idea)
    called = "module(x) runs the hooks of a module, and module.forward(x) does not"
    same("calls of tanh that ran its forward hook", reply["called"], PLACES.count(1), called)
    same("its length", reply["length"], len(PLACES), twice)
    count = len(PLACES)
    same(f"net[{-count}] to net[{count - 1}]: {where}", reply["places"], PLACES * 2, indices)
    beyond = f"net[{count}], net[{-count - 1}] and net[{10 * count}] raise"
    same(beyond, reply["beyond"], ["IndexError"] * 3, "an index that is out of range is refused")
    same(f"iteration: {where}", reply["iterated"], PLACES, twice)
    for cut, got, right_class in zip(CUTS, reply["sliced"], reply["same_class"], strict=True):
        name = "net[{}]".format(":".join("" if c is None else str(c) for c in cut))
        same(f"{name}: {where}", got, PLACES[slice(*cut)], sliced)
        if not right_class:
            raise Lost(f"{name} is of another class", "a MetaSequential", PARTS, sliced)
    key, what, value, idea = values[3]
    close(reply[key], value, what=what, given=given, idea=idea)
    at_the_edges(reply)
    must_be_kept(reply["changed"], given, "a call changes no child: no mode, no .grad, no weight")


def at_the_edges(reply: dict) -> None:
    """Containers without modules, and a child that raises an error."""
    same(
        "MetaSequential(): its length, and whether it gives back its input",
        reply["empty"],
        [0, True],
        "without modules there is nothing to do to the input",
        "no modules",
    )
    same(
        "its length, and whether net[1] is the middle one",
        reply["around"],
        [3, True],
        "a container without modules is false to Python, since its length is 0; it is a child all "
        "the same",
        "MetaSequential(MetaSequential(), tanh, nn.Sequential())",
    )
    same(
        "errors of a child that a call swallows",
        reply["swallowed"],
        [],
        "an error of a child is the caller's to see, and no sign that there are no more children",
        "MetaSequential(nn.Tanh(), a module that raises an error, nn.Tanh())",
    )


def trains(ask, weights: dict[str, Tensor], x: Tensor, y: Tensor, given: str) -> None:
    """The names of its parameters, and the values that torch.optim gives them."""
    rate, steps = 0.1, 3
    asked = {"weights": weights, "x": x, "y": y, "rate": rate, "steps": steps, "prefix": "net"}
    reply = told(ask, asked, given)
    twin = container(weights)
    trainable = [name for name in weights if name != FIXED]
    everything = [name for name in (*CONTAINED, *TWICE) if name != FIXED]
    whole = (
        "named_parameters() of the base class knows the PReLUs' weights, a frozen one as well; the "
        "buffers that require a gradient come in addition, and a tied one once"
    )
    now = "a weight is a buffer that requires a gradient now, whether it is a leaf or not"
    on = "pass {} on to what you call"
    for title, names, expected, idea in (
        ("the names", reply["names"], trainable, whole),
        (
            'the names with prefix="net"',
            reply["prefixed"],
            [f"net.{name}" for name in trainable],
            on.format("prefix"),
        ),
        (
            'the names with ("net", True, False), so without remove_duplicate',
            reply["all"],
            [f"net.{name}" for name in everything],
            on.format("remove_duplicate"),
        ),
        ("the names with recurse=False", reply["own"], [], on.format("recurse")),
        (
            "the names when some weights are results, or complex, and the fixed factor is a weight",
            reply["names_afterwards"],
            [*trainable, FIXED],
            now,
        ),
        ("names that stand for other tensors than the network's", reply["stale"], [], now),
    ):
        same(title, sorted(names), sorted(expected), idea, given)
    same("parameters() gives the tensors of named_parameters()", reply["nameless"], True, now)
    optimizer = torch.optim.SGD(twin.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(twin(x.double()), y.double()).backward()
        optimizer.step()
    state = twin.state_dict()
    for name in weights:
        close(
            reply["values"][name],
            state[name],
            what=f"{name} after {steps} steps of torch.optim.SGD",
            given=f"{given}, the rate {show(rate)}",
            idea="the optimizer must get the very tensors that forward computes with",
        )
