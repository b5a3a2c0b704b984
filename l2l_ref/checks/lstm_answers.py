"""What answers about LSTM optimizers are made of, in more than one exercise.

Here the coordinates come first, as ``nn.LSTMCell`` wants it: a state is a list with one pair
(h, c) for each cell, each of shape (n, hidden). Where it crosses to the examining side it is one
tensor, (cells, 2, n, hidden).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from .answering import Kept, NoAnswer, all_changed, describe, number_from, parts, tensor_from
from .wire import Tensors

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
    """A learned optimizer that works; it counts how often a backward pass goes through it."""

    walks = 0

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
        return updates, after

    def _walk(self, _) -> None:
        self.walks += 1


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
    met = gradients_of_steps(meta_optimizer)
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
        for (name, weight), gradient in zip(optimizer.named_parameters(), met[-1], strict=True):
            found["by_weight"][f"{key}, {name}"] = gradient
            found["weights"][f"{key}, {name}"] = weight.detach().clone()
        with_graph.update(parts_with_graph(now, state))
        if isinstance(value, Tensor) and value.grad_fn is not None:
            with_graph.add("the meta-loss")
        now, state = now.detach(), [(h.detach(), c.detach()) for h, c in state]
    return found | {"with_graph": sorted(with_graph), "changed": changed}


def gradients_of_steps(optimizer: torch.optim.Optimizer) -> list[list[Tensor | None]]:
    """A list that grows with each step of the optimizer, by the gradients it went along."""
    met = []

    def remember(optimizer, *_) -> None:
        weights = optimizer.param_groups[0]["params"]
        met.append([None if w.grad is None else w.grad.clone() for w in weights])

    optimizer.register_step_post_hook(remember)  # after: a closure may compute the gradients
    return met


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
