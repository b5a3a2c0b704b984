"""The answering side of exercise 02 on a layer: it is made, given tensors, and called."""

import contextlib
import copy
import gc
import weakref
from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn

from ..answering import (
    Kept,
    NoAnswer,
    all_changed,
    as_leaves,
    derivative,
    describe_error,
    tensor_from,
)
from ..module_answers import held, held_as, module_from, registered
from ..settings import put
from ..wire import Tensors
from .networks import buffers, dtype_of, load, numbers_of, surroundings


def run_layer(
    student: Callable,
    layer: str,
    probe_arguments: list,
    probe_options: dict,
    weights: Tensors,
    probe_numbers: str,
    probe_how: dict,
    x: list[Tensor],
    modes: list[bool],
    probe: list[Tensor],
) -> dict:
    """What a layer is when it is made, computes on some batches, and holds afterwards.

    Args:
        layer: the call that makes it, in words.
        weights: the numbers that go into it before.
        probe_numbers: how: "copied" into the tensors that are there, "assigned" to their names, as
            results with a graph, see `result_of`, or "loaded" as a state dict.
        probe_how: in what way it is asked, see `cases.Case`.
        x: the batches, one after the other.
        modes: for each batch, whether the layer is in training mode.
        probe: of the shapes of the outputs; derivatives are those of ``sum <probe, output>``, taken
            where numbers are assigned.
    """
    if probe_how["double"]:
        put(torch.get_default_dtype, torch.float64)  # the check itself puts it back
    made, other = (module_from(student(*probe_arguments, **probe_options), layer) for _ in range(2))
    reply = _new(made, other) | {"uncopied": ""}
    if probe_how["copied"]:
        made, reply["uncopied"] = _copy_of(made, batch_of(x[0], "a leaf"))
    sources = {
        n: w if n in probe_how["frozen"] else as_leaves({n: w})[n] for n, w in weights.items()
    }
    if probe_numbers != "copied":  # what a layer keeps of a first call must not count in a second
        halves = {n: source / 2 for n, source in sources.items()}
        _give(made, layer, halves, probe_numbers, probe_how["filled"])
        with torch.no_grad():
            made.eval()(batch_of(x[0], "a constant"))
    if probe_how["late"]:
        _turn_to_double(made, weights)
    given = _give(made, layer, sources, probe_numbers, probe_how["filled"])
    kept = _kept(made, sources, given, probe_numbers)
    trained = {n: s for n, s in sources.items() if s.requires_grad}
    slopes = Slopes(trained) if probe_numbers == "assigned" else None
    reply |= _outputs(made, x, modes, probe, slopes, probe_how)
    at_hand = held(made)
    return reply | {
        "touched": all_changed(kept) + _replaced(made, given) + _marked(given),
        "kinds_after": {name: held_as(tensor) for name, tensor in at_hand.items()},
        "dtypes_after": {name: dtype_of(tensor) for name, tensor in at_hand.items()},
        "nested": list(nn.ModuleList([made]).state_dict()),
        "state": {name: numbers_of(tensor) for name, tensor in at_hand.items()},
    }


def _copy_of(made: nn.Module, batch: Tensor) -> tuple[nn.Module, str]:
    """A copy of a layer that has been called; one from before, and why, where that fails."""
    before = copy.deepcopy(made)
    made.eval()(batch)
    try:
        return copy.deepcopy(made), ""
    except Exception as error:
        return before, describe_error(error)


def _turn_to_double(made: nn.Module, names: Iterable[str]) -> None:
    """As double() does with parameters: each stays the tensor that it is."""
    for name in names:
        if isinstance(there := getattr(made, name, None), Tensor):
            there.data = there.data.double()


def _new(made: nn.Module, other: nn.Module) -> dict:
    """What a new layer is, beside another one that was made in the same way."""
    at_hand = held(made)
    return {
        "derived_from": bases(made),
        "alike": [name for name, tensor in held(other).items() if alike(tensor, at_hand[name])],
        "kinds": {name: held_as(tensor) for name, tensor in at_hand.items()},
        "dtypes": {name: dtype_of(tensor) for name, tensor in at_hand.items()},
        "parameters": registered(made),
        "trainable": [name for name, buffer in buffers(made).items() if buffer.requires_grad],
        "spread": {name: spread(name, at_hand) for name in at_hand},
    }


def _kept(made: nn.Module, sources: Tensors, given: Tensors, probe_numbers: str) -> list[Kept]:
    """What a layer's forward must leave as it is; weights that were loaded get a ``.grad``."""
    if probe_numbers != "loaded":
        return [Kept("weights", lambda: given)]
    leaves = {n: getattr(made, n) for n in sources if getattr(made, n, None) is not None}
    leaves = {n: t for n, t in leaves.items() if t.requires_grad and t.is_leaf}
    for tensor in leaves.values():
        tensor.grad = torch.full_like(tensor, 0.5)
    return [Kept("weights", lambda: {name: getattr(made, name) for name in leaves})]


def _replaced(made: nn.Module, given: Tensors) -> list[str]:
    """The names to which a tensor was assigned, and that now stand for another one."""
    return [f"{n} (another tensor)" for n, t in given.items() if getattr(made, n, None) is not t]


def _marked(given: Tensors) -> list[str]:
    """The results of a computation that autograd now keeps a gradient for."""
    return [f"{n} (with retain_grad())" for n, tensor in given.items() if tensor.retains_grad]


class Slopes:
    """The derivatives of a sum whose terms come one after the other.

    ``first`` are the derivatives in the sources, None where no graph leads from any term, and
    ``second`` those of the sum of the squares of all derivatives.

    Args:
        sources: in which to differentiate, by name.
    """

    def __init__(self, sources: Tensors):
        self.sources = sources
        self.first: dict[str, Tensor | None] = dict.fromkeys(sources)
        self.second = {name: torch.zeros_like(source) for name, source in sources.items()}

    def add(self, term: Tensor, x: Tensor) -> Tensor | None:
        """Add a term; its derivative in x."""
        leaves = [*self.sources.values(), *([x] if x.requires_grad else [])]
        if not term.requires_grad or not leaves:
            return None
        slopes = torch.autograd.grad(term, leaves, create_graph=True, allow_unused=True)
        squares = sum(slope.square().sum() for slope in slopes if slope is not None)
        for (name, source), slope in zip(self.sources.items(), slopes, strict=False):
            if slope is not None:
                before = 0 if self.first[name] is None else self.first[name]
                self.first[name] = before + slope.detach()
            bend = derivative(squares, source) if isinstance(squares, Tensor) else None
            self.second[name] += 0 if bend is None else bend
        return slopes[-1].detach() if x.requires_grad and slopes[-1] is not None else None


def _outputs(
    made: nn.Module, x: list, modes: list, probe: list, slopes: Slopes | None, how: Mapping
) -> dict:
    """Outputs and slopes of a layer, batch by batch, and what it has done to the batches."""
    values, dtypes, changed, by_x, alive, recorded = [], [], [], [], [], False
    torch.rand(())  # away from where a seed would set the random numbers back to
    before = surroundings()
    for mode, batch, p in zip(modes, x, probe, strict=True):
        batch = batch_of(batch, how["x_is"])
        made.train(mode)
        output, found = _called(made, batch, how["no_grad"])
        values.append(tensor_from(output, p, "the output", dtype=p.dtype))
        dtypes.append(dtype_of(output))
        recorded |= how["no_grad"] and output.requires_grad
        if slopes:  # at once: the next batch may move the statistics in place
            by_x.append(slopes.add((p * output).sum(), batch))
        changed += found
        alive.append(weakref.ref(batch))
    del output, batch
    changed += [what for what, found in surroundings().items() if found != before[what]]
    return {
        "output": values,
        "output_dtypes": dtypes,
        "recorded": recorded,
        "by_weight": slopes.first if slopes else {},
        "by_x": by_x,
        "second": slopes.second if slopes else {},
        "changed": list(dict.fromkeys(changed)),
        "holds": how_many(alive),
    }


def _called(made: nn.Module, batch: Tensor, no_grad: bool) -> tuple[object, list[str]]:
    """What comes back for a batch, and what is no longer as it was.

    Args:
        no_grad: whether it is called under no_grad(), which must still hold afterwards.
    """
    mode, before = made.training, _facts_of(batch)
    with torch.no_grad() if no_grad else contextlib.nullcontext():
        output = made(batch)
        changed = ["whether gradients are enabled"] * (torch.is_grad_enabled() == no_grad)
    now = _facts_of(batch)
    changed += [what for what in before if before[what] != now[what]]
    return output, changed + ["its mode"] * (made.training != mode)


def _facts_of(batch: Tensor) -> dict[str, object]:
    """What a layer must leave as it is of a batch."""
    return {
        "the batch that it was given": batch.detach().numpy().tobytes(),
        "requires_grad of its batch": batch.requires_grad,
        "retains_grad of its batch": batch.retains_grad,
    }


def _give(
    made: nn.Module, layer: str, sources: Tensors, probe_numbers: str, filled: Mapping
) -> Tensors:
    """Put numbers into a layer; the tensors that were assigned."""
    if probe_numbers == "loaded":
        load(made, {name: source.detach() for name, source in sources.items()})
        return {}
    assigned = {}
    for name, source in sources.items():
        if probe_numbers == "copied":
            there = getattr(made, name, None)
            tensor_from(there, source, f"{name} of {layer}")
            with torch.no_grad():
                there.copy_(source)
        else:
            assigned[name] = result_of(source, filled.get(name))
            assign(made, name, assigned[name])
    return assigned


def result_of(source: Tensor, filled: float | None) -> Tensor:
    """What is assigned: the square, or one number with the graph of it; a constant as it is."""
    if not source.requires_grad:
        return source
    square = source.square()
    return square if filled is None else square - square.detach() + filled


def batch_of(x: Tensor, x_is: str) -> Tensor:
    """A batch of these numbers: "a leaf", "a constant", "a result", or "a view", strides turned."""
    if x_is == "a result":
        return x.clone().requires_grad_() * 1
    if x_is == "a view":
        turned = tuple(reversed(range(x.ndim)))
        return x.permute(turned).contiguous().permute(turned)
    return x.clone().requires_grad_(x_is == "a leaf")


def how_many(references: list[weakref.ref]) -> int:
    """How many of these things somebody still holds."""
    if any(reference() is not None for reference in references):
        gc.collect()
    return sum(reference() is not None for reference in references)


def bases(made: nn.Module) -> list[str]:
    """The layers of torch that a layer is derived from."""
    return [
        f"nn.{kind.__name__}"
        for kind in type(made).__mro__
        if kind.__module__.startswith("torch.nn.modules.")
        and kind is not nn.Module
        and not kind.__name__.startswith("_")
    ]


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether two layers share a tensor, or have the same random numbers."""
    constant = one.numel() < 2 or float(one.detach().std()) == 0
    return one is other or (not constant and torch.equal(one, other))


def spread(name: str, tensors: Tensors) -> Tensor:
    """Mean, standard deviation, the largest size, and how many of all numbers are drawn for it.

    That is the share of sizes that differ, and that no other tensor has.
    """
    numbers = numbers_of(tensors[name])
    sizes = numbers.abs().unique()
    others = [numbers_of(tensor).abs().flatten() for n, tensor in tensors.items() if n != name]
    fresh = sizes[~torch.isin(sizes, torch.cat(others))] if others else sizes
    share = torch.tensor(fresh.numel() / max(1, numbers.numel()))
    return torch.stack([numbers.mean(), numbers.std(correction=0), numbers.abs().max(), share])


def assign(module: nn.Module, name: str, tensor: Tensor) -> None:
    try:
        setattr(module, name, tensor)
    except TypeError as error:
        raise NoAnswer(
            f"layer.{name} = tensor is refused: {describe_error(error)}",
            "a layer that takes any tensor",
            "as long as the name is registered as a parameter it takes no other tensor; the name "
            "of a buffer takes one with its graph",
        ) from None
