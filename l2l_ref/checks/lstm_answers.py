"""What answers about LSTM optimizers are made of, in more than one exercise.

Here the coordinates come first, as ``nn.LSTMCell`` wants it: a state is a list with one pair
(h, c) for each cell, each of shape (n, hidden). Where it crosses to the examining side it is one
tensor, (cells, 2, n, hidden).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from operator import is_
from weakref import WeakSet, ref

import torch
from torch import Tensor, nn

from .answering import Kept, NoAnswer, all_changed, describe, number_from, parts, tensor_from
from .settings import settings
from .wire import Tensors

#: Of torch's generator while an answer runs; a number that nobody takes for a seed.
SEED = 8_315_477

State = Sequence[Sequence[Tensor]]  # a student may take lists or tuples


class Weights(nn.Module):
    """The weights of a learned optimizer under the names that the notebook's class gives them."""

    def __init__(self, weights: Tensors, scale: float):
        super().__init__()
        hidden, dtype = weights["output.weight"].shape[1], weights["output.weight"].dtype
        cells = sum(name.endswith("weight_hh") for name in weights)
        inputs = [1] + [hidden] * (cells - 1)
        self.cells = nn.ModuleList(nn.LSTMCell(size, hidden, dtype=dtype) for size in inputs)
        self.output = nn.Linear(hidden, 1, dtype=dtype)
        self.scale = scale
        self.load_state_dict(weights)

    def initial_state(self, n: int) -> State:
        """Zeros for n coordinates."""
        zeros = self.output.weight.new_zeros(n, self.output.in_features)
        return [(zeros, zeros.clone()) for _ in self.cells]


class Optimizer(Weights):
    """A learned optimizer that works.

    It counts how often a backward pass goes through it, and sees who changes what it returned.
    """

    walks = 0

    def __init__(self, weights: Tensors, scale: float):
        super().__init__(weights, scale)
        self.returned = Returned("optimizer")

    def forward(self, gradients: Tensor, state: State) -> tuple[Tensor, State]:
        """Updates for n coordinates, and their new state.

        Raises:
            ValueError: the gradients are not a vector.
        """
        if gradients.ndim != 1:
            raise ValueError(
                f"the optimizer takes a vector of gradients, got shape {tuple(gradients.shape)}"
            )
        x, after = gradients[:, None], []
        for cell, layer in zip(self.cells, state, strict=True):
            after.append(cell(x, tuple(layer)))
            x = after[-1][0]
        updates = self.scale * self.output(x)[:, 0]
        if updates.requires_grad:
            updates.register_hook(self._walk)
        self.returned.note({"update": updates}, after)
        return updates, after

    def _walk(self, _) -> None:
        self.walks += 1


class Returned:
    """What a function has returned, to see whether somebody changes it afterwards.

    What it returned last is held until it returns something else, and so is seen in any case;
    what is older, as long as somebody else holds it.

    Args:
        by: the function's name.
    """

    def __init__(self, by: str):
        self.by, self.found = by, []  # what has been changed, by its name
        self.state, self.pairs, self.latest, self.older = [], [], [], []

    def note(self, tensors: Tensors, state: State) -> None:
        """Some tensors by their names and a state have been returned."""
        self.release()
        self.state, self.pairs = state, list(state)
        self.latest = [(name, t, facts_of(t)) for name, t in (tensors | by_part(state)).items()]

    def release(self) -> None:
        """Look at what was returned last, and hold it no longer."""
        same = len(self.state) == len(self.pairs) and all(map(is_, self.state, self.pairs))
        self.found += [] if same else ["list of pairs"]
        self.found += [name for name, t, facts in self.latest if facts_of(t) != facts]
        self.older += [(name, ref(t), facts) for name, t, facts in self.latest]
        self.state, self.pairs, self.latest = [], [], []

    def changed(self) -> list[str]:
        """What is no longer as it was when it was returned, in words."""
        self.release()
        held = ((name, tensor(), facts) for name, tensor, facts in self.older)
        found = self.found + [n for n, t, facts in held if t is not None and facts_of(t) != facts]
        return [f"the {name} that {self.by} returned" for name in dict.fromkeys(found)]


def facts_of(tensor: Tensor) -> tuple[int, bool]:
    """How often a tensor was written into, and whether it requires a gradient."""
    writes = 0 if tensor.is_inference() else tensor._version  # inference tensors do not count
    return writes, tensor.requires_grad


def take_meta_steps(
    meta_step: Callable,
    optimizer: nn.Module,
    meta_optimizer: torch.optim.Optimizer,
    theta: Tensor,
    probe_state: Tensor,
    times: int,
) -> dict:
    """Meta-steps one after the other: what each gives back, and what each does to the weights.

    Args:
        meta_step: takes theta and a state, returns the meta-loss, theta and the state.
        optimizer: the learned one, which `meta_step` trains.
        meta_optimizer: what it trains it by.
        theta, probe_state: where the first one begins.

    Raises:
        NoAnswer: something is not of its kind, or not one step of `meta_optimizer` was taken.
    """
    now, state = theta.clone(), unpacked(probe_state)
    met, names = gradients_of_steps(meta_optimizer), names_in(meta_optimizer, optimizer)
    found = {"meta_losses": {}, "thetas": {}, "states": {}, "by_weight": {}, "weights": {}}
    with_graph, changed = set(), []
    for number in range(1, times + 1):
        kept = [Kept("theta", lambda now=now: {"theta": now}), kept_state(state)]
        value, now, state = parts(meta_step(now, state), "meta-loss", "theta", "state")
        changed += all_changed(kept)
        if len(met) != number:
            steps = len(met) - number + 1
            raise NoAnswer(
                f"meta_optimizer.step() was called {steps} times in meta-step {number}", "once"
            )
        key = f"meta-step {number}"
        found["meta_losses"][key] = number_from(value, f"the meta-loss of {key}")
        found["thetas"][key] = tensor_from(now, theta, f"theta after {key}", torch.float64)
        found["states"][key] = packed(state, probe_state, f"the state after {key}", torch.float64)
        for name, gradient in zip(names, met[-1], strict=True):
            found["by_weight"][f"{key}, {name}"] = gradient
        for name, weight in optimizer.named_parameters():
            found["weights"][f"{key}, {name}"] = weight.detach().clone()
        with_graph.update(parts_with_graph(now, state))
        if isinstance(value, Tensor) and value.grad_fn is not None:
            with_graph.add("the meta-loss")
        # the very tensors that came back, where they are constants
        now, state = constant(now), [(constant(h), constant(c)) for h, c in state]
    return found | {"with_graph": sorted(with_graph), "changed": changed}


def constant(tensor: Tensor) -> Tensor:
    """The tensor itself, or one without its graph."""
    return tensor.detach() if tensor.requires_grad else tensor


def narrowed(results: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> list[str]:
    """Which results are not float64 although what was given under that name is."""
    return [
        name
        for name, result in results.items()
        if given[name].dtype == torch.float64 != result.dtype
    ]


def gradients_of_steps(optimizer: torch.optim.Optimizer) -> list[list[Tensor | None]]:
    """A list that grows with each step of the optimizer, by the gradients it went along."""
    met = []

    def remember(optimizer, *_) -> None:
        met.append([None if w.grad is None else w.grad.clone() for w in weights_in(optimizer)])

    optimizer.register_step_post_hook(remember)  # after: a closure may compute the gradients
    return met


def weights_in(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """The weights that it moves, group after group."""
    return [weight for group in optimizer.param_groups for weight in group["params"]]


def names_in(meta_optimizer: torch.optim.Optimizer, optimizer: nn.Module) -> list[str]:
    """The names that those weights have in the learned optimizer."""
    names = {id(weight): name for name, weight in optimizer.named_parameters()}
    return [names[id(weight)] for weight in weights_in(meta_optimizer)]


def arranged(optimizer: Weights, kinds: Iterable[str]) -> Weights:
    """The same optimizer, in unusual but legitimate circumstances.

    Args:
        kinds: "tied": the third cell is the second. "frozen": the first cell is not trained.
            "all frozen": no weight is. "modes": its parts are in different modes. "eval": all of
            it is in eval mode.
    """
    if "tied" in kinds:
        optimizer.cells[2] = optimizer.cells[1]
    if "frozen" in kinds:
        optimizer.cells[0].requires_grad_(False)
    if "all frozen" in kinds:
        optimizer.requires_grad_(False)
    if "modes" in kinds:
        optimizer.cells[-1].eval()
        optimizer.output.eval()
    if "eval" in kinds:
        optimizer.eval()
    return optimizer


def strided(tensor: Tensor) -> Tensor:
    """The same numbers as a view: of the transposed tensor, or of every other number of a row."""
    if tensor.ndim < 2:
        return torch.stack([tensor, tensor], dim=-1)[..., 0]
    back = tuple(reversed(range(tensor.ndim)))
    return tensor.permute(back).contiguous().permute(back)


def unpacked(state: Tensor) -> State:
    """A state as the student's code gets it."""
    return [(h.clone(), c.clone()) for h, c in state]


def packed(value: object, like: Tensor, what: str, dtype: torch.dtype = torch.float32) -> Tensor:
    """A state that came back, as one tensor.

    Raises:
        NoAnswer: it is something else.
    """
    pairs = sequence(value, len(like), what, "cells")
    for k, pair in enumerate(pairs):
        h, c = sequence(pair, 2, f"{what}, cell {k}", "h and c")
        pairs[k] = torch.stack(
            [
                tensor_from(h, like[k, 0], f"{what}: h of cell {k}", dtype),
                tensor_from(c, like[k, 1], f"{what}: c of cell {k}", dtype),
            ]
        )
    return torch.stack(pairs)


def sequence(value: object, length: int, what: str, of: str) -> list:
    """A list of a given length.

    Raises:
        NoAnswer: it is something else.
    """
    expected = f"{what}: a list of {length}, for the {of}"
    if not isinstance(value, list | tuple):
        raise NoAnswer(f"{what}: {describe(value)}", expected)
    if len(value) != length:
        raise NoAnswer(f"{what}: a {type(value).__name__} of {len(value)}", expected)
    return list(value)


def parts_with_graph(theta: Tensor, state: State) -> list[str]:
    """Which of theta, h and c are results, with a graph behind them."""
    found = ["theta"] if theta.grad_fn is not None else []
    for place, name in enumerate(("h", "c")):
        if any(pair[place].grad_fn is not None for pair in state):
            found.append(name)
    return found


def by_part(state: State) -> Tensors:
    return {
        f"{name} of cell {k}": t
        for k, pair in enumerate(state)
        for name, t in zip("hc", pair, strict=True)
    }


def kept_state(state: State) -> Kept:
    return Kept("the state", lambda: by_part(state))


class KeptFacts:
    """What is no tensor, to see afterwards whether it is as it was.

    Args:
        read: returns facts by their names in reports, now and afterwards.
    """

    def __init__(self, read: Callable[[], Mapping]):
        self.read, self.before = read, read()

    def changed(self) -> list[str]:
        """What is no longer as it was, in words."""
        now = self.read()
        return [name for name in self.before | now if now.get(name) != self.before.get(name)]


def kept_optimizer(optimizer: nn.Module) -> list[Kept | KeptFacts]:
    """Its weights and their .grad, its modes, hooks and attributes, and torch's own settings."""

    def facts() -> dict[str, object]:
        found = {"optimizer.scale": optimizer.scale}
        for path, module in optimizer.named_modules():
            here = f"optimizer.{path}".removesuffix(".")
            for name, value in vars(module).items():  # hooks are dicts, by number
                found[f"{here}.{name}"] = list(value) if name.endswith("_hooks") else True
            found[f"{here}.training"] = module.training
        for name, weight in optimizer.named_parameters():
            hooks = weight._backward_hooks, weight._post_accumulate_grad_hooks
            found[f"the hooks of optimizer.{name}"] = [len(each or ()) for each in hooks]
        return {name: fact for name, fact in found.items() if name != "optimizer.walks"}

    return [
        Kept("the optimizer", lambda: dict(optimizer.named_parameters())),
        KeptFacts(facts),
        kept_settings(),
    ]


def kept_settings() -> KeptFacts:
    """What holds for all of torch, and is nobody's to change. Random numbers may be drawn."""
    torch.manual_seed(SEED)

    return KeptFacts(lambda: settings() | {"torch.initial_seed()": torch.initial_seed()})


class SavedTensors:
    """Counts the tensors that graphs keep in memory; they go when their graph goes."""

    class Saved:
        def __init__(self, tensor: Tensor):
            self.tensor = tensor.detach()

    def __init__(self):
        self.saved: WeakSet[SavedTensors.Saved] = WeakSet()

    def __len__(self) -> int:
        return len(self.saved)

    def watched(self) -> AbstractContextManager:
        """Counted is what is saved while this is entered."""

        def save(tensor: Tensor) -> SavedTensors.Saved:
            saved = self.Saved(tensor)
            self.saved.add(saved)
            return saved

        return torch.autograd.graph.saved_tensors_hooks(save, lambda saved: saved.tensor)
