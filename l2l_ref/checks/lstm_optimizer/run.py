"""The answering side of exercise 03: calls the student's functions, knows no expected value.

Here the coordinates come first, as ``nn.LSTMCell`` wants it: a state is a list with one pair
(h, c) for each cell, each of shape (n, hidden). Where it crosses to the examining side it is one
tensor, (cells, 2, n, hidden).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..answering import Kept, NoAnswer, all_changed, derivative, dict_from, parts, tensor_from
from ..lstm_answers import (
    Optimizer,
    State,
    Weights,
    by_part,
    kept_state,
    packed,
    parts_with_graph,
    sequence,
    take_meta_steps,
    unpacked,
)
from ..wire import Tensors

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
    kept = [kept_state(state), _kept_weights(optimizer)]
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
        kept_state(given_state),
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
        first, ends = next(optimizer.parameters()), {"theta": after} | by_part(state)
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
        kept_state(given_state),
        _kept_weights(optimizer),
    ]
    tied: list[str] = []  # what the latest window was begun with, where a graph hangs on it

    def unrolled(theta: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        tensor_from(theta, given_theta, "the theta that unrolled was called with")
        packed(state, probe_state, "the state that unrolled was called with")
        tied[:] = parts_with_graph(theta, state)
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
    gradients = sequence(gradients, windows, "the gradients", "windows")
    by_weight, with_graph = {}, []
    for window, found in enumerate(gradients, 1):
        what = f"the gradients of window {window}"
        found = sequence(found, len(weights), what, "weights")
        for (name, weight), gradient in zip(optimizer.named_parameters(), found, strict=True):
            key = f"window {window}, {name}"
            by_weight[key] = tensor_from(gradient, weight, f"the gradient of {key}")
        if any(gradient.grad_fn is not None for gradient in found):
            with_graph.append(what)
    return {
        "by_weight": by_weight,
        "theta": tensor_from(after, theta, "theta at the end"),
        "state": packed(state, probe_state, "the state at the end"),
        "with_graph": with_graph + parts_with_graph(after, state),
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


def _by_weight(total: Tensor, optimizer: nn.Module) -> dict[str, Tensor | None]:
    return {name: derivative(total, weight) for name, weight in optimizer.named_parameters()}


def _kept_gradients(gradients: Tensors) -> Kept:
    def read() -> Tensors:
        return {f"the gradient of {name}": gradient for name, gradient in gradients.items()}

    return Kept("the dict of gradients", read)


def _kept_weights(optimizer: nn.Module) -> Kept:
    return Kept("the optimizer", lambda: dict(optimizer.named_parameters()))
