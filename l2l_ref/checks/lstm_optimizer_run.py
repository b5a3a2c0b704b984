"""The answering side of exercise 03: calls the student's functions, knows no expected value.

Here the coordinates come first, as ``nn.LSTMCell`` wants it: a state is a list with one pair
(h, c) for each cell, each of shape (n, hidden). Where it crosses to the examining side it is one
tensor, (cells, 2, n, hidden).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from .answering import (
    Kept,
    NoAnswer,
    all_changed,
    derivative,
    describe,
    dict_from,
    number_from,
    tensor_from,
)

Tensors = dict[str, Tensor]
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


#: What every entry of every weight's .grad is before a question that must leave it alone.
LEFT_OVER = 0.5


def with_gradients(optimizer: Weights) -> Weights:
    """The same optimizer; its weights have something in their .grad, as after some training."""
    for weight in optimizer.parameters():
        weight.grad = torch.full_like(weight, LEFT_OVER)
    return optimizer


#: The optimizees, from W theta - y.
FUNCTIONS = {
    "quadratic": lambda residual: residual.square().sum(),
    "logarithmic": lambda residual: residual.square().log1p().sum(),
}


class Optimizee:
    """A function to minimise. It remembers the values it gave.

    Args:
        name: one of `FUNCTIONS`. W, y: what it is made of.
    """

    def __init__(self, name: str, W: Tensor, y: Tensor):
        self.function, self.W, self.y = FUNCTIONS[name], W, y
        self.given: list[tuple[Tensor, Tensor]] = []

    def __call__(self, theta: Tensor) -> Tensor:
        value = self.function(self.W @ theta.to(self.W.dtype) - self.y)
        self.given.append((value, value.detach().clone()))
        return value

    def overwritten(self) -> bool:
        """Whether somebody has changed a value after it was given."""
        return any(not torch.equal(value.detach(), copy) for value, copy in self.given)

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Both as constants."""
        with torch.enable_grad():
            theta = theta.detach().requires_grad_()
            value = self.function(self.W @ theta.to(self.W.dtype) - self.y)
            (gradient,) = torch.autograd.grad(value, theta)
        return value.detach(), gradient


# The questions


def run_log_and_sign(student: Callable, gradient: Tensor, p: float | None = None) -> dict:
    """The two features; p is left out when it is None."""
    given = gradient.clone()
    kept = Kept("gradient", lambda: {"gradient": given})
    features = student(given) if p is None else student(given, p)
    like = gradient.new_empty(*gradient.shape, 2)
    return {"features": tensor_from(features, like, "the features"), "changed": kept.changed()}


def run_step(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_scale: float,
    gradients: Tensor,
    probe: Tensor,
) -> dict:
    """Updates and last state for gradients (steps, n), and d <probe, last updates> / d weights."""
    optimizer = with_gradients(Weights(probe_weights, probe_scale))
    state, found = unpacked(probe_state), []
    kept = [_kept_state(state), _kept_weights(optimizer)]
    for gradient in gradients:
        given = gradient.clone()
        kept.append(Kept("the gradients", lambda given=given: {"the gradients": given}))
        updates, state = parts(student(optimizer, given, state), "updates", "state")
        found.append(tensor_from(updates, gradient, "the updates"))
        after = packed(state, probe_state, "the new state")
    total = (probe * updates).sum()
    return {
        "updates": torch.stack(found),
        "state": after,
        "by_weight": _by_weight(total, optimizer),
        "changed": all_changed(kept),
    }


def run_step_all(
    student: Callable,
    probe_weights: Tensors,
    probe_scale: float,
    gradients: Tensors,
    orders: list[list[str]],
    probes: Tensors,
    other: Tensors | None = None,
) -> dict:
    """Updates for gradients (steps, ...) by name, and d sum <probe, last update> / d weights.

    Args:
        orders: the names in the order of each step.
        other: gradients of a second optimizee, which takes its steps between those of the first;
            at the end the last step of the first is taken once again.
    """
    optimizer = with_gradients(Optimizer(probe_weights, probe_scale))
    found: dict[str, list[Tensor]] = {name: [] for name in gradients}
    kept, states, states_of_other = [_kept_weights(optimizer)], None, None

    def stepped(step: int, of: Tensors, states: object) -> list:
        given = {name: of[name][step].clone() for name in orders[step]}
        kept.append(_kept_gradients(given))
        updates, states = parts(student(optimizer, given, states), "updates", "states")
        return [dict_from(updates, gradients, "the updates"), states]

    def values(updates: Tensors) -> Tensors:
        return {
            name: tensor_from(updates[name], gradients[name][0], f"the update of {name}")
            for name in gradients
        }

    for step in range(len(orders)):
        before = states
        updates, states = stepped(step, gradients, before)
        for name, value in values(updates).items():
            found[name].append(value)
        if other is not None:
            _, states_of_other = stepped(step, other, states_of_other)
    total = sum((probes[name] * updates[name]).sum() for name in gradients)
    reply = {
        "updates": {name: torch.stack(each) for name, each in found.items()},
        "by_weight": _by_weight(total, optimizer),
    }
    if other is not None:
        reply["again"] = values(stepped(step, gradients, before)[0])
    return reply | {"changed": all_changed(kept)}


def run_meta_loss(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_W: Tensor,
    probe_y: Tensor,
    probe_scale: float,
    probe_loss: str,
    theta: Tensor,
    length: int,
    probes: Tensors | None = None,
) -> dict:
    """The meta-loss of a window and its derivative in the weights; theta and state after it.

    Args:
        probes: for theta, and for h and c of each cell after the window: then the derivative of
            each one's product with its probe, in the first weight of all, comes back as well.
    """
    optimizer = with_gradients(Optimizer(probe_weights, probe_scale))
    f = Optimizee(probe_loss, probe_W, probe_y)
    given_theta, given_state = theta.clone(), unpacked(probe_state)
    kept = [
        Kept("theta", lambda: {"theta": given_theta}),
        _kept_state(given_state),
        _kept_weights(optimizer),
    ]
    total, after, state = parts(
        student(optimizer, f, given_theta, given_state, length), "meta-loss", "theta", "state"
    )
    changed, walks = all_changed(kept), optimizer.walks
    if f.overwritten():
        changed.append("a tensor that loss returned")
    reply = {
        "meta_loss": tensor_from(total, torch.zeros(()), "the meta-loss"),
        "theta": tensor_from(after, theta, "theta after the window"),
        "state": packed(state, probe_state, "the state after the window"),
        "by_weight": _by_weight(total, optimizer),
        "changed": [name for name in changed if not name.endswith(".grad")],
        "left": [name for name in changed if name.endswith(".grad")],
        "walks": walks,
    }
    if probes is not None:
        first, ends = next(optimizer.parameters()), {"theta": after} | _by_part(state)
        reply["ends"] = {n: derivative((probes[n] * end).sum(), first) for n, end in ends.items()}
    return reply


def run_truncated(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_W: Tensor,
    probe_y: Tensor,
    probe_length: int,
    probe_scale: float,
    probe_loss: str,
    theta: Tensor,
    windows: int,
) -> dict:
    """The meta-gradient of each window; where the run ends, and what still carries a graph."""
    optimizer = with_gradients(Optimizer(probe_weights, probe_scale))
    f = Optimizee(probe_loss, probe_W, probe_y)
    given_theta, given_state = theta.clone(), unpacked(probe_state)
    kept = [
        Kept("theta", lambda: {"theta": given_theta}),
        _kept_state(given_state),
        _kept_weights(optimizer),
    ]
    tied: list[str] = []  # what the latest window was begun with, where a graph hangs on it

    def unrolled(theta: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        tensor_from(theta, given_theta, "the theta that unrolled was called with")
        packed(state, probe_state, "the state that unrolled was called with")
        tied[:] = _with_graph(theta, state)
        total = torch.zeros(())
        for _ in range(probe_length):
            updates, state = optimizer(f.value_and_gradient(theta)[1], state)
            theta = theta + updates
            total = total + f(theta)
        return total, theta, state

    weights = list(optimizer.parameters())
    try:
        result = student(unrolled, weights, given_theta, given_state, windows)
    except RuntimeError as error:
        if tied and "backward through the graph a second time" in str(error):
            raise NoAnswer(
                f"a window was begun with a graph behind {' and '.join(tied)}; torch would have "
                "to go back through an earlier window, whose graph is gone",
                "every window begins with constants",
                "detach() theta, and both tensors of every cell's state, before the next window",
            ) from None
        raise
    gradients, after, state = parts(result, "gradients", "theta", "state")
    gradients = _sequence(gradients, windows, "the gradients", "windows")
    by_weight, with_graph = {}, []
    for window, found in enumerate(gradients, 1):
        what = f"the gradients of window {window}"
        found = _sequence(found, len(weights), what, "weights")
        for (name, weight), gradient in zip(optimizer.named_parameters(), found, strict=True):
            key = f"window {window}, {name}"
            by_weight[key] = tensor_from(gradient, weight, f"the gradient of {key}")
        if any(gradient.grad_fn is not None for gradient in found):
            with_graph.append(what)
    return {
        "by_weight": by_weight,
        "theta": tensor_from(after, theta, "theta at the end"),
        "state": packed(state, probe_state, "the state at the end"),
        "with_graph": with_graph + _with_graph(after, state),
        "changed": all_changed(kept),
    }


def run_meta_step(
    student: Callable,
    probe_weights: Tensors,
    probe_state: Tensor,
    probe_W: Tensor,
    probe_y: Tensor,
    probe_scale: float,
    probe_loss: str,
    theta: Tensor,
    length: int,
    probe_rate: float,
    meta_steps: int,
) -> dict:
    """Some meta-steps in float64, each where the one before has ended."""
    optimizer = Optimizer(probe_weights, probe_scale)
    sgd = torch.optim.SGD(optimizer.parameters(), lr=probe_rate)
    f = Optimizee(probe_loss, probe_W, probe_y)

    def meta_step(theta: Tensor, state: State) -> object:
        return student(optimizer, sgd, f.value_and_gradient, theta, state, length)

    return take_meta_steps(meta_step, optimizer, sgd, theta, probe_state, meta_steps)


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
        kept = [Kept("theta", lambda now=now: {"theta": now}), _kept_state(state)]
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
        with_graph.update(_with_graph(now, state))
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


# Help


def unpacked(state: Tensor) -> State:
    """A state as the student's code gets it."""
    return [(h.clone(), c.clone()) for h, c in state]


def packed(value: object, like: Tensor, what: str, dtype: torch.dtype = torch.float32) -> Tensor:
    """A state that came back, as one tensor.

    Raises:
        NoAnswer: it is something else.
    """
    pairs = _sequence(value, len(like), what, "cells")
    for k, pair in enumerate(pairs):
        h, c = _sequence(pair, 2, f"{what}, cell {k}", "h and c")
        pairs[k] = torch.stack(
            [
                tensor_from(h, like[k, 0], f"{what}: h of cell {k}", dtype),
                tensor_from(c, like[k, 1], f"{what}: c of cell {k}", dtype),
            ]
        )
    return torch.stack(pairs)


def _sequence(value: object, length: int, what: str, of: str) -> list:
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


def parts(value: object, *names: str) -> list:
    """What the student's function returned, which must be these things.

    Raises:
        NoAnswer: it is something else.
    """
    if not isinstance(value, tuple | list) or len(value) != len(names):
        found = f"{len(value)} things" if isinstance(value, tuple | list) else describe(value)
        raise NoAnswer(f"{found} came back", f"{len(names)} things: {', '.join(names)}")
    return list(value)


def _by_weight(total: Tensor, optimizer: nn.Module) -> dict[str, Tensor | None]:
    return {name: derivative(total, weight) for name, weight in optimizer.named_parameters()}


def _with_graph(theta: Tensor, state: State) -> list[str]:
    """Which of theta, h and c are results, with a graph behind them."""
    found = ["theta"] if theta.grad_fn is not None else []
    for place, name in enumerate(("h", "c")):
        if any(pair[place].grad_fn is not None for pair in state):
            found.append(name)
    return found


def _kept_gradients(gradients: Tensors) -> Kept:
    def read() -> Tensors:
        return {f"the gradient of {name}": gradient for name, gradient in gradients.items()}

    return Kept("the dict of gradients", read)


def _by_part(state: State) -> Tensors:
    return {
        f"{name} of cell {k}": t
        for k, pair in enumerate(state)
        for name, t in zip("hc", pair, strict=True)
    }


def _kept_state(state: State) -> Kept:
    return Kept("the state", lambda: _by_part(state))


def _kept_weights(optimizer: nn.Module) -> Kept:
    return Kept("the optimizer", lambda: dict(optimizer.named_parameters()))
