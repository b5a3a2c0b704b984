"""Ways to minimise a task: the hand-designed optimizers, conjugate gradient, the learned one.

A minimizer takes a task and a number of steps and returns the losses at theta_0, theta_1 and so
on to theta_steps, one time more than there are steps. All minimizers start at ``task.start()``
and meet the same minibatches, so their losses can be compared function by function.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from .optimizers import LSTMOptimizer
from .tape import Tape
from .tasks import Quadratics, Task
from .unroll import begin, loss_and_gradient

Losses = Float[Tensor, "times functions"]
Minimizer = Callable[[Task, int], Losses]

#: The rates that every baseline is tuned over.
RATES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001, 0.00003, 0.00001)

#: The baselines: torch's optimizers at Torch7's settings (momentum 0.9; RMSprop's decay 0.99).
BASELINES: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
    "momentum": lambda theta, lr: torch.optim.SGD(theta, lr, momentum=0.9),
    "nag": lambda theta, lr: torch.optim.SGD(theta, lr, momentum=0.9, nesterov=True),
}


def hand_designed(name: str, rate: float) -> Minimizer:
    """One of the `BASELINES` at a learning rate.

    They all work coordinate by coordinate, so one optimizer over the whole batch of functions
    does to each function what it would do to it alone.
    """

    def minimize(task: Task, steps: int) -> Losses:
        theta = task.start().clone()
        optimizer = BASELINES[name]([theta], lr=rate)
        losses = []
        for step in range(steps + 1):
            loss, theta.grad = loss_and_gradient(task, theta, step)
            losses.append(loss)
            optimizer.step()
        return torch.stack(losses)

    return minimize


def learned(optimizer: LSTMOptimizer) -> Minimizer:
    """A trained optimizer; a tape that remembers nothing serves as its fast form."""

    def minimize(task: Task, steps: int) -> Losses:
        run = begin(task, optimizer)
        theta, gradient, losses = run.theta, run.gradient, [run.loss]
        tape = Tape(optimizer, theta.numel(), steps, remember=False)
        tape.begin(run.state)
        for step in range(1, steps + 1):
            theta = theta + tape.step(gradient.flatten()).view_as(theta)
            loss, gradient = loss_and_gradient(task, theta, step)
            losses.append(loss)
        return torch.stack(losses)

    return minimize


def conjugate_gradient(task: Quadratics, steps: int) -> Losses:
    """Conjugate gradient on the normal equations: the floor for methods that see gradients.

    After k steps it has reached the minimum over all thetas that k gradients span, which no
    method that adds up gradients can undercut (Hestenes and Stiefel, 1952).
    """
    exact = Quadratics(task.W.double(), task.y.double())  # in float32 it would lose its way
    theta = exact.start()
    residual = -exact.residual(theta)  # y - W theta
    slope = _transposed(exact.W, residual)  # minus half the gradient
    direction = slope
    losses = [exact.loss(theta, 0)]
    for step in range(1, steps + 1):
        change = (exact.W @ direction[..., None])[..., 0]
        rate = _ratio(slope, change)
        theta = theta + rate * direction
        residual = residual - rate * change
        new_slope = _transposed(exact.W, residual)
        direction = new_slope + _ratio(new_slope, slope) * direction
        slope = new_slope
        losses.append(exact.loss(theta, step))
    return torch.stack(losses).to(task.W.dtype)


def _transposed(W: Tensor, residual: Tensor) -> Tensor:
    return (W.mT @ residual[..., None])[..., 0]


def _ratio(a: Tensor, b: Tensor) -> Tensor:
    """||a||^2 / ||b||^2 as a column, and 0 where the method has arrived and both are 0."""
    a, b = a.square().sum(-1, keepdim=True), b.square().sum(-1, keepdim=True)
    return torch.where(b > 0, a / b, 0)
