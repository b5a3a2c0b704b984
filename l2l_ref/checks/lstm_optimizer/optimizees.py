"""What a student's code gets to call in questions 4 to 6: functions to minimise, and windows."""

import gc
from weakref import ref

import torch
from torch import Tensor

from ..answering import Kept, tensor_from
from ..lstm_answers import (
    Optimizer,
    Returned,
    SavedTensors,
    State,
    by_part,
    packed,
    parts_with_graph,
)

#: What every entry of every weight's .grad is before a question that must leave it alone.
LEFT_OVER = 0.5

#: What they are of W theta - y; for "half", W is one and y zero.
FUNCTIONS = {
    "quadratic": lambda residual: residual.square().sum(),
    "logarithmic": lambda residual: residual.square().log1p().sum(),
    "negative": lambda residual: -10 - residual.cos().sum(),
    "half": lambda residual: residual.square().sum() / 2,
}


class Optimizee:
    """A function to minimise. It remembers what it gave.

    Args:
        name: one of `FUNCTIONS`.
        W, y: what it is made of.
        trainable: whether W is a leaf with something in its .grad.
    """

    def __init__(self, name: str, W: Tensor, y: Tensor, trainable: bool = False):
        self.function, self.W, self.y = FUNCTIONS[name], W.clone(), y
        if trainable:
            self.W.requires_grad_().grad = torch.full_like(W, LEFT_OVER)
        self.given: list[tuple[str, Tensor, Tensor]] = []
        self.calls = 0

    def __call__(self, theta: Tensor) -> Tensor:
        value = self.value(theta)
        self._remember("a tensor that loss returned", value)
        return value

    def value(self, theta: Tensor) -> Tensor:
        """The same, not remembered."""
        return self.function(self.W @ theta.to(self.W.dtype) - self.y)

    def _remember(self, what: str, tensor: Tensor) -> None:
        self.given.append((what, tensor, tensor.detach().clone()))

    def overwritten(self) -> list[str]:
        """What somebody has changed after it was given."""
        changed = (what for what, now, then in self.given if not torch.equal(now.detach(), then))
        return list(dict.fromkeys(changed))

    def kept(self) -> Kept:
        """The leaf inside it."""
        return Kept("the leaf inside loss", lambda: {"the leaf inside loss": self.W})

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Both as constants."""
        self.calls += 1
        with torch.enable_grad():
            theta = theta.detach().requires_grad_()
            value = self.value(theta)
            (gradient,) = torch.autograd.grad(value, theta)
        if self.function is FUNCTIONS["half"]:  # the gradient is theta itself
            gradient = theta.detach()
        value = value.detach()
        self._remember("the value that optimizee returned", value)
        self._remember("the gradient that optimizee returned", gradient)
        return value, gradient


class Windows:
    """Runs one window after the other; what ``unrolled`` is in a question.

    It sees what a window is begun with, what becomes of the tensors that it returned, and how many
    earlier windows' graphs are in memory when a window begins.
    """

    def __init__(self, optimizer: Optimizer, f: Optimizee, length: int, *like: Tensor):
        self.optimizer, self.f, self.length, self.like = optimizer, f, length, like
        self.tied: list[str] = []  # what the latest window was begun with that has a graph
        self.returned = Returned("unrolled")
        self.past: list[list[ref]] = []  # what each window returned, as long as somebody holds it
        self.saved, self.alive, self.calls = SavedTensors(), 0.0, 0

    def __call__(self, theta: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        tensor_from(theta, self.like[0], "the theta that unrolled was called with")
        packed(state, self.like[1], "the state that unrolled was called with")
        self.tied = parts_with_graph(theta, state)
        self.calls += 1
        self.returned.release()
        self.optimizer.returned.release()
        self.alive = max(self.alive, self.held())
        earlier = len(self.saved)
        total = torch.zeros((), dtype=theta.dtype)
        with self.saved.watched():
            for _ in range(self.length):
                updates, state = self.optimizer(self.f.value_and_gradient(theta)[1], state)
                theta = theta + updates
                total = total + self.f.value(theta)
        self.alive = max(self.alive, earlier / max(1, len(self.saved) - earlier))
        self.returned.note({"meta-loss": total, "theta": theta}, state)
        self.past.append([ref(t) for t in (total, theta, *by_part(state).values())])
        return total, theta, state

    def held(self) -> int:
        """How many windows have returned something with a graph that somebody still holds."""

        def count() -> int:
            held = ([each() for each in window] for window in self.past)
            return sum(any(t is not None and t.grad_fn for t in window) for window in held)

        if count() > 1:  # what is held by nobody but itself is no longer held
            gc.collect()
        return count()
