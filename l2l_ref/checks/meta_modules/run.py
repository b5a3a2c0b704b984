"""The answering side of exercise 02: calls the student's classes and functions on modules.

The modules that questions 5 to 8 are asked about are built here, from layers like the one that the
notebook gives. They hold their weights as buffers, and none of the student's classes is in them.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..answering import (
    Kept,
    NoAnswer,
    all_changed,
    as_leaves,
    derivative,
    describe,
    describe_error,
    doubled,
    tensor_from,
)
from ..module_answers import held, held_as, module_from, registered
from ..wire import Tensors
from .networks import SHARED, Layer, Mask, Network, build

# Questions 1 to 4: a layer


def run_layer(
    student: Callable,
    layer: str,
    probe_arguments: list,
    probe_options: dict,
    weights: Tensors,
    probe_numbers: str,
    x: Tensor,
    modes: list[bool],
    probe: Tensor,
) -> dict:
    """What a layer is when it is made, computes on some batches, and holds afterwards.

    Args:
        layer: the call that makes it, in words.
        weights: the numbers that go into it before.
        probe_numbers: how: "copied" into the tensors that are there, "assigned" to their names, as
            squares of ``weights`` with their graph, or "loaded" as a state dict.
        x: the batches, one after the other.
        modes: for each batch, whether the layer is in training mode.
        probe: of the shape of all outputs; derivatives are those of ``sum <probe, output>``.
    """
    made, other = (module_from(student(*probe_arguments, **probe_options), layer) for _ in range(2))
    at_hand, sources = held(made), as_leaves(weights)
    at_first = {
        "derived_from": _bases(made),
        "alike": [name for name, tensor in held(other).items() if _alike(tensor, at_hand[name])],
        "kinds": {name: held_as(tensor) for name, tensor in at_hand.items()},
        "parameters": registered(made),
        "spread": {name: _spread(tensor) for name, tensor in at_hand.items()},
    }
    _give(made, layer, sources, probe_numbers)
    given = x.clone().requires_grad_()
    trained = {name: source for name, source in sources.items() if source.requires_grad}
    values, slopes = [], Slopes(trained | {"the input": given})
    for mode, batch, p in zip(modes, given, probe, strict=True):
        made.train(mode)
        output = made(batch)
        values.append(tensor_from(output, p, "the output"))
        # At once: the next batch may move the statistics in place.
        slopes.add((p * output).sum())
    at_hand = held(made)
    return at_first | {
        "output": torch.stack(values),
        "by_weight": {name: slopes.total[name] for name in trained},
        "by_x": slopes.total["the input"],
        "kinds_after": {name: held_as(tensor) for name, tensor in at_hand.items()},
        "state": {name: _numbers(tensor) for name, tensor in at_hand.items()},
    }


class Slopes:
    """The derivatives of a sum whose terms come one after the other.

    Args:
        sources: in which to differentiate, by name.
    """

    def __init__(self, sources: Tensors):
        self.sources = sources
        self.total: dict[str, Tensor | None] = dict.fromkeys(sources)

    def add(self, term: Tensor) -> None:
        """Add a term; where no graph leads from any of them, the total stays None."""
        for name, source in self.sources.items():
            slope, total = derivative(term, source), self.total[name]
            if slope is not None:
                self.total[name] = slope if total is None else total + slope


def _bases(made: nn.Module) -> list[str]:
    """The layers of torch that a layer is derived from."""
    return [
        f"nn.{kind.__name__}"
        for kind in type(made).__mro__
        if kind.__module__.startswith("torch.nn.modules.")
        and kind is not nn.Module
        and not kind.__name__.startswith("_")
    ]


def _alike(one: Tensor, other: Tensor) -> bool:
    """Whether two layers share a tensor, or have the same random numbers."""
    constant = one.numel() < 2 or float(one.std()) == 0
    return one is other or (not constant and torch.equal(one, other))


def _give(made: nn.Module, layer: str, sources: Tensors, probe_numbers: str) -> None:
    """Put numbers into a layer."""
    if probe_numbers == "loaded":
        _load(made, {name: source.detach() for name, source in sources.items()})
        return
    for name, source in sources.items():
        if probe_numbers == "copied":
            there = getattr(made, name, None)
            tensor_from(there, source, f"{name} of {layer}")
            with torch.no_grad():
                there.copy_(source)
        else:
            _assign(made, name, source.square())


def _load(module: nn.Module, state: Tensors, idea: str = "") -> None:
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise NoAnswer(
            f"load_state_dict refuses the twin's state: {error}",
            f"the keys {', '.join(state)}, with the twin's shapes",
            idea
            or "register_buffer(name, tensor) makes a key of a state dict, unless it is told "
            "persistent=False; None instead of a tensor makes none, a plain attribute neither; the "
            "tensors of a child module do",
        ) from None


def _assign(module: nn.Module, name: str, tensor: Tensor) -> None:
    try:
        setattr(module, name, tensor)
    except TypeError as error:
        raise NoAnswer(
            f"layer.{name} = tensor is refused: {describe_error(error)}",
            "a layer that takes any tensor",
            "as long as the name is registered as a parameter it takes no other tensor; the name "
            "of a buffer takes one with its graph",
        ) from None


# Questions 5 to 7: a tree of modules


def _untied(network: Network, weights: Tensors) -> list[str]:
    """The places that no longer share what they shared at first."""
    now = _buffers(network)
    return [
        place
        for place, of in SHARED.items()
        if place not in weights and now.get(place) is not now.get(of)
    ]


def _buffers(module: nn.Module) -> Tensors:
    """All buffers, those that are tied under each of their names."""
    return dict(module.named_buffers(remove_duplicate=False))


def run_named_weights(
    student: Callable, weights: Tensors, constants: Tensors, results: bool
) -> dict:
    """The names and tensors that the student's function finds.

    Args:
        results: whether the weights are results of a computation; otherwise they are leaves.
    """
    leaves = as_leaves(weights)
    made = {name: leaf.clone() for name, leaf in leaves.items()} if results else leaves
    network = build(made, {name: c.clone() for name, c in constants.items()})
    there = _buffers(network)
    found = student(network)
    if not isinstance(found, Mapping) or not all(isinstance(n, str) for n in found):
        raise NoAnswer(describe(found), "a dict of tensors, by their names")
    for name, tensor in found.items():
        if not isinstance(tensor, Tensor):
            raise NoAnswer(f"for the name {name!r} {describe(tensor)}", "a tensor")
    return {
        "names": list(found),
        "values": {name: _numbers(tensor) for name, tensor in found.items()},
        "not_the_modules": [n for n in found if n in there and found[n] is not there[n]],
        "changed": _exchanged(network, there),
    }


def run_put_weight(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    names: list[str],
    sources: Tensors,
    x: Tensor,
    probe: Tensor,
) -> dict:
    """What the network computes with ``source ** 2`` in the place of some weights, in turn.

    In float64, since in a derivative large terms can cancel.
    """
    weights, constants, sources = doubled(weights), doubled(constants), doubled(sources)
    x, probe = x.double(), probe.double()
    network, leaves = build(as_leaves(weights), constants), as_leaves(sources)
    before = _buffers(network)
    facts = {name: (t.detach().clone(), t.requires_grad) for name, t in before.items()}
    for name in names:
        student(network, name, leaves[name].square())
    try:
        output = network(x)
    except Exception as error:
        raise NoAnswer(
            f"after put_weight, the network itself fails: {describe_error(error)}"
        ) from None
    value = tensor_from(output, probe, "what the network computes afterwards")
    total = (probe * output).sum()
    return {
        "output": value,
        "by_source": {name: derivative(total, leaf) for name, leaf in leaves.items()},
        "exchanged": _exchanged(network, before),
        "overwritten": [
            name
            for name, tensor in before.items()
            if not torch.equal(tensor.detach(), facts[name][0])
            or tensor.requires_grad != facts[name][1]
        ],
        "untied": _untied(network, weights),
    }


def run_put_wrongly(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    name: str,
    tensor: Tensor,
) -> dict:
    """What happens when ``put_weight`` should refuse: what it raised, and what it exchanged."""
    network = build(as_leaves(weights), constants)
    before = _buffers(network)
    raised, said = [], "nothing was raised"
    try:
        student(network, name, tensor.clone().requires_grad_())
    except Exception as error:
        raised, said = [kind.__name__ for kind in type(error).__mro__], describe_error(error)
    return {"raised": raised, "said": said, "exchanged": _exchanged(network, before)}


def run_put(student: Callable, **asked) -> dict:
    """Question 6: one of the two ways to ask."""
    return (run_put_wrongly if "tensor" in asked else run_put_weight)(student, **asked)


def run_update(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    x: Tensor,
    y: Tensor,
    rate: Tensor,
    rate_is: str,
    steps: int,
    first_order: bool,
) -> dict:
    """The weights after some updates, and the derivatives of the loss after them, in float64.

    Args:
        rate_is: "a tensor" or "a number", as which the student's function gets the rate.
    """
    weights, constants = doubled(weights), doubled(constants)
    x, y, rate = x.double(), y.double(), rate.double()
    leaves, (rate_leaf,) = as_leaves(weights), as_leaves({"rate": rate}).values()
    kept = [Kept("weights", lambda: leaves), Kept("rate", lambda: {"rate": rate_leaf})]
    network = build(leaves, {name: c.clone() for name, c in constants.items()})
    given = rate.item() if rate_is == "a number" else rate_leaf
    options = {"first_order": True} if first_order else {}
    for _ in range(steps):
        loss = F.mse_loss(network(x), y)
        try:
            student(network, loss, given, **options)
        except RuntimeError as error:
            if "appears to not have been used in the graph" in str(error):
                raise NoAnswer(*UNUSED_MET) from None
            raise
    loss, now = F.mse_loss(network(x), y), _buffers(network)
    return {
        "values": {name: tensor_from(now.get(name), w, name) for name, w in weights.items()},
        "loss": tensor_from(loss, torch.zeros(()), "the loss after the last update"),
        "by_rate": derivative(loss, rate_leaf),
        "by_start": {name: derivative(loss, leaf) for name, leaf in leaves.items()},
        "changed": all_changed(kept)
        + [name for name, c in constants.items() if not _same(now.get(name), c)]
        + ([] if network.training else ["the module, which is in eval mode now"]),
        "cut": [name for name in weights if derivative(now[name].sum(), leaves[name]) is None],
        "untied": _untied(network, weights),
    }


UNUSED_MET = (
    "autograd.grad refuses: the loss does not depend on one of the weights, that of spare",
    "an update of the others, while this one keeps its value",
    "allow_unused=True gives None for such a weight; materialize_grads=True gives zeros",
)


def _exchanged(network: nn.Module, before: Tensors) -> list[str]:
    """The names that stand for other tensors than before, or for none."""
    now = _buffers(network)
    return [n for n in before | now if now.get(n) is not before.get(n)]


def _same(one: object, other: Tensor) -> bool:
    return isinstance(one, Tensor) and not one.requires_grad and torch.equal(one, other)


# Question 8: a container


class Gain(nn.Module):
    """A factor, which is a weight of another name."""

    def __init__(self, gain: Tensor):
        super().__init__()
        self.register_buffer("gain", gain)

    def forward(self, x):
        return x * self.gain


def contained(student: Callable, weights: Tensors) -> tuple[nn.Module, list[nn.Module]]:
    """A container in a container, and the modules that the outer one was made of.

    One of them comes twice. Where ``weights`` has none for the second layer, it shares that of
    the first.
    """
    w = as_leaves(weights)
    tied = w.get("2.0.weight", w["0.weight"])
    slope = nn.PReLU()
    slope.weight = nn.Parameter(weights["2.1.weight"].clone())
    inner = student(Layer(tied, w["2.0.bias"]), slope, Gain(w["2.2.gain"]))
    first, tanh, last = Layer(w["0.weight"], w["0.bias"]), nn.Tanh(), Mask()
    last.weight = weights["4.weight"].clone()
    children = [first, tanh, module_from(inner, "MetaSequential"), tanh, last]
    return module_from(student(*children), "MetaSequential"), children


def run_container(
    student: Callable, weights: Tensors, x: Tensor, probe: Tensor, start: int
) -> dict:
    """How a container is called, indexed, cut and iterated over.

    Modules are reported by their first place among those it was made of, 99 for others.

    Args:
        start: where the slice ``made[start:]`` begins.
    """
    made, children = contained(student, weights)

    def place(module: object) -> int:
        return next((k for k, child in enumerate(children) if child is module), 99)

    cut = module_from(made[start:], f"made[{start}:]")
    return {
        "output": tensor_from(made(x), probe, "the output"),
        "length": len(made),
        "places": [place(made[k]) for k in range(-len(children), len(children))],
        "iterated": [place(module) for module, _ in zip(made, range(9), strict=False)],
        "sliced": [place(module) for module, _ in zip(cut, range(9), strict=False)],
        "same_class": type(cut) is type(made),
        "slice_output": tensor_from(cut(made[0](x)), probe, f"the output of made[{start}:]")
        if start == 1
        else None,
    }


def run_container_state(student: Callable, weights: Tensors, state: Tensors, x, probe) -> dict:
    """What a container computes and holds after ``load_state_dict(state)``."""
    made, _ = contained(student, weights)
    _load(made, state, NUMBERED)
    in_it = made.state_dict()
    return {
        "output": tensor_from(made(x), probe, "the output"),
        "keys": list(in_it),
        "state": {name: _numbers(tensor) for name, tensor in in_it.items()},
    }


def run_container_training(
    student: Callable, weights: Tensors, x: Tensor, y: Tensor, rate: float, steps: int, prefix: str
) -> dict:
    """The names of a container's parameters, and their values after training by torch.optim."""
    made, children = contained(student, weights)
    reply = {
        "names": [name for name, _ in made.named_parameters()],
        "prefixed": [name for name, _ in made.named_parameters(prefix=prefix)],
        "all": [name for name, _ in made.named_parameters(remove_duplicate=False)],
        "own": [name for name, _ in made.named_parameters(recurse=False)]
        + ["(a nameless one)" for _ in made.parameters(recurse=False)],
    }
    optimizer = torch.optim.SGD(made.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(made(x), y).backward()
        optimizer.step()
    in_it = made.state_dict()
    if missing := [name for name in weights if name not in in_it]:
        raise NoAnswer(
            f"its state dict has no {', '.join(missing)}, but {', '.join(in_it)}",
            f"the keys {', '.join(weights)}",
            NUMBERED,
        )
    values = {name: tensor_from(in_it[name], w, name) for name, w in weights.items()}
    for layer in (children[0], children[2]._modules["0"]):  # as after an update
        layer.bias = 2 * layer.bias
    return reply | {
        "values": values,
        "names_afterwards": [name for name, _ in made.named_parameters()],
    }


NUMBERED = "children are registered under the names '0', '1' and so on, as add_module(str(0), ...)"


def run_sequential(student: Callable, **asked) -> dict:
    """Question 8: one of the three ways to ask."""
    if "state" in asked:
        return run_container_state(student, **asked)
    return (run_container_training if "steps" in asked else run_container)(student, **asked)


# What they share


def _numbers(tensor: Tensor) -> Tensor:
    return tensor.detach().clone().to(torch.float32)


def _spread(tensor: Tensor) -> Tensor:
    """Mean, standard deviation and the largest size."""
    numbers = _numbers(tensor)
    return torch.stack([numbers.mean(), numbers.std(correction=0), numbers.abs().max()])
