"""The answering side of exercise 02: calls the student's functions on modules.

The modules that questions 5 to 8 are asked about are made of layers like the one that the notebook
gives. They hold their weights as buffers, and but for the container none of the student's classes
is in them.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..answering import (
    Kept,
    NoAnswer,
    as_leaves,
    derivative,
    describe,
    describe_error,
    doubled,
    tensor_from,
)
from ..module_answers import module_from, put_tensor
from ..wire import Tensors
from .networks import (
    Network,
    Raising,
    Watched,
    buffers,
    build,
    change,
    contained,
    dtype_of,
    has_grad,
    load,
    loss_of,
    numbers_of,
    rate_as,
    slopes_of,
    untied,
)

# Questions 5 to 7: a tree of modules


def run_named_weights(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    results: bool,
    how: str,
    part: str,
) -> dict:
    """The names and tensors that the student's function finds, and finds after an assignment.

    Args:
        results: whether the weights are results of a computation; otherwise they are leaves.
        how: see `networks.build`; "changed" see `networks.change`.
        part: of the network, by its dotted name, that is looked at; the whole by "".
    """
    leaves = as_leaves(weights)
    made = {name: leaf.clone() for name, leaf in leaves.items()} if results else leaves
    network = build(made, {name: c.clone() for name, c in constants.items()}, how)
    watched, asked = Watched(network), network.get_submodule(part)
    found, elsewhere = _names(student, asked)
    reply = {"names": found, "not_the_modules": elsewhere}
    reply["changed"] = watched.exchanged() + watched.changed()
    if how == "changed":
        change(network)
    network.embed.weight = torch.ones_like(network.embed.weight, requires_grad=True)
    found, elsewhere = _names(student, asked)
    return reply | {"names_afterwards": found, "stale": elsewhere}


def _names(student: Callable, module: nn.Module) -> tuple[list[str], list[str]]:
    """The names that are found, and those with another tensor than the module's."""
    found = student(module)
    if not isinstance(found, Mapping) or not all(isinstance(n, str) for n in found):
        raise NoAnswer(describe(found), "a dict of tensors, by their names")
    for name, tensor in found.items():
        if not isinstance(tensor, Tensor):
            raise NoAnswer(f"for the name {name!r} {describe(tensor)}", "a tensor")
    there = buffers(module)
    names = list(found)
    elsewhere = [name for name in names if name in there and found[name] is not there[name]]
    if isinstance(found, dict):
        found.clear()  # it is the caller's own
    return names, elsewhere


def run_put_weight(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    how: str,
    names: list[str],
    keys: list[str],
    sources: Tensors,
    x: Tensor,
    probe: Tensor,
) -> dict:
    """What the network computes with ``source ** 2`` in the place of some weights, in turn.

    In float64, since in a derivative large terms can cancel.

    Args:
        how: see `networks.build`; with "precisions", tensors in single precision are put, and with
            "thawed", the mask becomes a weight after the first put.
        keys: for each name, that of the tensor that is put; some tensors are put twice.
        sources: by these keys.
    """
    weights, constants, sources = doubled(weights), doubled(constants), doubled(sources)
    x, probe = x.double(), probe.double()
    network, leaves = build(as_leaves(weights), constants, how), as_leaves(sources)
    tensors = {
        key: leaf.mT.contiguous().mT.square() if leaf.ndim > 1 else leaf.square()
        for key, leaf in leaves.items()
    }
    if how == "precisions":
        tensors = {key: tensor.float() for key, tensor in tensors.items()}
    put, watched = Kept("the tensors that were put", lambda: tensors), Watched(network)
    for name, key in zip(names, keys, strict=True):
        student(network, name, tensors[key])
        if how == "thawed":
            network.mask.weight.requires_grad_()
    now = buffers(network)
    try:
        output = network(x)
    except Exception as error:
        raise NoAnswer(
            f"after put_weight, the network itself fails: {describe_error(error)}"
        ) from None
    value = tensor_from(output, probe, "what the network computes afterwards", torch.float64)
    total = (probe * output).sum()
    by_id = {id(tensor): key for key, tensor in tensors.items()}
    by_id |= {id(tensor): f"the old {name}" for name, tensor in reversed(watched.before.items())}
    return {
        "output": value,
        "by_source": {key: derivative(total, leaf) for key, leaf in leaves.items()},
        "holds": {n: by_id.get(id(now.get(n)), "another tensor") for n in watched.before | now},
        "changed": watched.changed() + put.changed(),
    }


def run_put_wrongly(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    how: str,
    name: str,
    tensor: Tensor,
) -> dict:
    """What happens when ``put_weight`` should refuse: what it raised, and what it changed."""
    network = build(as_leaves(weights), constants, how)
    watched = Watched(network)
    raised, said = [], "nothing was raised"
    try:
        student(network, name, tensor.clone().requires_grad_())
    except Exception as error:
        raised, said = [kind.__name__ for kind in type(error).__mro__], describe_error(error)
    return {"raised": raised, "said": said, "changed": watched.exchanged() + watched.changed()}


def run_put(student: Callable, **asked) -> dict:
    """Question 6: one of the two ways to ask."""
    return (run_put_wrongly if "tensor" in asked else run_put_weight)(student, **asked)


def run_update(
    student: Callable,
    weights: Tensors,
    constants: Tensors,
    how: str,
    x: Tensor,
    y: Tensor,
    rates: Tensor,
    rate_is: str,
    steep: bool,
    first_order: bool,
    probe_all: bool,
) -> dict:
    """The weights after some updates, and the derivatives of the loss after them.

    Args:
        how: see `networks.build`; with "thawed", there was an update before, of fewer weights.
        rates: of the updates, one after the other.
        rate_is: "a number", "a whole number", "a leaf", "a result" or "a constant", as which the
            student's function gets each rate.
        steep: see `networks.loss_of`.
        probe_all: whether it is the sum of all losses on the way that is differentiated.
    """
    network = build(as_leaves(weights), {n: c.clone() for n, c in constants.items()}, how)
    if how == "thawed":
        _once_before(student, network, loss_of(network, x, y, steep))
    watched, given = Watched(network), [rate_as(rate, rate_is) for rate in rates]
    start, losses = dict(watched.before), []
    rate_kept = Kept("the rate", lambda: {f"rate {k}": r for k, r in enumerate(given)})
    options = {"first_order": True} if first_order else {}
    for rate in given:
        losses.append(loss_of(network, x, y, steep))
        numbers = {"a number": float, "a whole number": int}
        passed = numbers[rate_is](rate) if rate_is in numbers else rate
        _update(student, network, losses[-1], passed, options)
    losses.append(loss_of(network, x, y, steep))
    now = buffers(network)
    values = {name: tensor_from(now.get(name), w, name, w.dtype) for name, w in weights.items()}
    total = sum(losses) if probe_all else losses[-1]
    try:
        slopes = slopes_of(total, {f"rate {k}": r for k, r in enumerate(given)} | start)
    except RuntimeError as error:
        if "second time" in str(error):
            raise NoAnswer(*USED_UP) from None
        raise
    cut = [n for n in weights if slopes[n] is None and derivative(now[n].sum(), start[n]) is None]
    return {
        "values": values,
        "dtypes": {name: dtype_of(now[name]) for name in weights},
        "loss": losses[-1].detach(),
        "slopes": {name: slopes[name] for name in slopes if name in weights or name not in start},
        "changed": watched.changed()
        + rate_kept.changed()
        + _constants_and_grads(start, now, weights),
        "cut": cut,
        "untied": untied(now, start),
    }


def _constants_and_grads(start: Tensors, now: Tensors, weights: Tensors) -> list[str]:
    """What else an update has changed: constants that are others, and a .grad of new weights."""
    constants = [name for name in start if name not in weights and not start[name].requires_grad]
    others = [f"{name} (another tensor)" for name in constants if now.get(name) is not start[name]]
    graded = [name for name in weights if has_grad(now[name], start[name])]
    return others + [f"{name}.grad of the new weight" for name in graded]


def _once_before(student: Callable, network: Network, loss: Tensor) -> None:
    """An update while a weight is frozen; then all weights are what they were before it."""
    before = buffers(network)
    network.norm.scale = before["norm.scale"].detach()
    _update(student, network, loss, 0.5, {})
    for name, tensor in before.items():
        put_tensor(network, name, tensor)


def _update(student: Callable, network: Network, loss: Tensor, rate, options: dict) -> None:
    try:
        student(network, loss, rate, **options)
    except RuntimeError as error:
        if "appears to not have been used in the graph" in str(error):
            raise NoAnswer(*UNUSED_MET) from None
        raise


UNUSED_MET = (
    "autograd.grad refuses: the loss does not depend on one of the weights, that of spare",
    "an update of the others, while this one keeps its value",
    "allow_unused=True gives None for such a weight; materialize_grads=True gives zeros",
)
USED_UP = (
    "the loss that was given to update cannot be differentiated any more",
    "losses that still can be, in both orders: here their sum is differentiated at the end",
    "autograd.grad frees the graph unless it is told retain_graph=True; create_graph=True keeps it",
)


# Question 8: a container


def run_container(
    student: Callable, weights: Tensors, x: Tensor, probe: Tensor, cuts: list
) -> dict:
    """How a container is called, indexed, cut and iterated over.

    Modules are reported by their first place among those it was made of, 99 for others.

    Args:
        cuts: starts, stops and steps of slices.
    """
    made, children = contained(student, weights)
    watched, calls = Watched(nn.ModuleList(children), attributes=False), []
    children[1].register_forward_hook(lambda *_: calls.append(1))
    given = x.clone().requires_grad_()

    def place(module: object) -> int:
        return next((k for k, child in enumerate(children) if child is module), 99)

    output = made(given)
    called, total = len(calls), (probe * output).sum()
    slices = [module_from(made[slice(*cut)], f"net[{cut}]") for cut in cuts]
    list(made.named_parameters())
    empty, count = module_from(student(), "MetaSequential()"), len(children)
    around = module_from(student(student(), children[1], nn.Sequential()), "MetaSequential")
    return {
        "output": tensor_from(output, probe, "the output", probe.dtype),
        "again": tensor_from(made(given), probe, "the output", probe.dtype),
        "by_x": derivative(total, given),
        "called": called,
        "length": len(made),
        "places": [place(made[k]) for k in range(-count, count)],
        "beyond": [_refusal(made, k) for k in (count, -count - 1, 10 * count)],
        "iterated": [place(module) for module, _ in zip(made, range(99), strict=False)],
        "sliced": [[place(m) for m, _ in zip(cut, range(99), strict=False)] for cut in slices],
        "same_class": [type(cut) is type(made) for cut in slices],
        "slice_output": tensor_from(slices[0](made[0](x)), probe, "the output of net[1:]", x.dtype),
        "empty": [len(empty), empty(given) is given],
        "around": [len(around), around[1] is children[1]],
        "swallowed": [kind.__name__ for kind in ERRORS if _swallows(student, kind, x)],
        "changed": watched.exchanged() + watched.changed(),
    }


#: Errors that have a meaning to Python where it iterates, indexes or looks for attributes.
ERRORS = (IndexError, StopIteration, KeyError, AttributeError)


def _swallows(student: Callable, kind: type[Exception], x: Tensor) -> bool:
    """Whether nothing is raised where a child raises an error."""
    try:
        student(nn.Tanh(), Raising(kind), nn.Tanh())(x)
    except Exception:
        return False
    return True


def _refusal(made: nn.Module, index: int) -> str:
    """What ``made[index]`` raises."""
    try:
        made[index]
    except IndexError:
        return "IndexError"
    except Exception as error:
        return type(error).__name__
    return "nothing"


def run_container_state(student: Callable, weights: Tensors, state: Tensors, x, probe) -> dict:
    """What a container computes and holds after ``load_state_dict(state)``."""
    made, _ = contained(student, weights)
    made(x)
    load(made, state, NUMBERED)
    in_it = made.state_dict()
    return {
        "output": tensor_from(made(x), probe, "the output"),
        "keys": list(in_it),
        "state": {name: numbers_of(tensor) for name, tensor in in_it.items()},
    }


def run_container_training(
    student: Callable, weights: Tensors, x: Tensor, y: Tensor, rate: float, steps: int, prefix: str
) -> dict:
    """The names of a container's parameters, and their values after training by torch.optim."""
    made, children = contained(student, weights)
    reply = {
        "names": [name for name, _ in made.named_parameters()],
        "prefixed": [name for name, _ in made.named_parameters(prefix=prefix)],
        "all": [name for name, _ in made.named_parameters(prefix, True, False)],
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
    _afterwards(children)
    now = dict(made.named_parameters())
    there = dict(nn.Module.named_parameters(made, remove_duplicate=False)) | buffers(made)
    return reply | {
        "values": values,
        "names_afterwards": list(now),
        "stale": [name for name, tensor in now.items() if there.get(name) is not tensor],
        "nameless": [id(t) for t in made.parameters()] == [id(t) for t in now.values()],
    }


def _afterwards(children: list[nn.Module]) -> None:
    """What becomes of a container's weights later: results, complex ones, and one more."""
    first, inner, fixed = children[0], children[2]._modules["0"], children[4]
    for layer in (first, inner):  # as after an update
        layer.bias = 2 * layer.bias
    inner.register_buffer("weight", inner.weight, persistent=False)
    gain = children[2]._modules["2"][0]
    gain.running_gain = 1j * gain.running_gain
    fixed.weight = fixed.weight.clone().requires_grad_()


NUMBERED = "children are registered under the names '0', '1' and so on, as add_module(str(0), ...)"


def run_sequential(student: Callable, **asked) -> dict:
    """Question 8: one of the three ways to ask."""
    if "state" in asked:
        return run_container_state(student, **asked)
    return (run_container_training if "steps" in asked else run_container)(student, **asked)
