"""The functions that are minimised in questions 4 to 6, as a student's code gets them."""

import torch
from torch import Tensor

from ..answering import Kept

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
