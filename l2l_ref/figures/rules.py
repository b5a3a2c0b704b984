"""Portraits of update rules: the path, the answer to a gradient, the memory of gradients."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from torch import Tensor

from ..optimizers import LSTMOptimizer
from ..tasks import Quadratics
from ..unroll import loss_and_gradient
from .plots import LOOKS, ORANGE, name_the_ends


def contours(axes: Axes, task: Quadratics, rate: float, steps: int = 30) -> None:
    """One function of two coordinates, and the path of gradient descent on it.

    Args:
        axes: to draw into.
        task: its first function is drawn.
        rate: of gradient descent, which starts at 0.
        steps: of the path.
    """
    theta = task.start()
    path = [theta[0]]
    for step in range(steps):
        _, gradient = loss_and_gradient(task, theta, step)
        theta = theta - rate * gradient
        path.append(theta[0])
    path = torch.stack(path).numpy()
    x, y = np.meshgrid(*[np.linspace(-3, 3, 121)] * 2)
    points = torch.tensor(np.stack([x.ravel(), y.ravel()], 1), dtype=task.W.dtype)
    one = Quadratics(task.W[:1].expand(len(points), 2, 2), task.y[:1].expand(len(points), 2))
    values = one.loss(points, 0).view(x.shape).numpy()
    axes.contour(x, y, values, levels=2.0 ** np.arange(-4, 8), colors="#808080", linewidths=0.7)
    axes.plot(*path.T, "o-", color="#d55e00", markersize=3, linewidth=1)
    axes.plot(*path[0], "s", color="black", markersize=5)
    axes.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xticks=[], yticks=[])
    axes.grid(False)


def held_gradients(
    axes: Axes, optimizer: LSTMOptimizer, steps: Sequence[int], reach: float
) -> None:
    """The update against the gradient, when each gradient is held for some steps.

    Args:
        axes: to draw into.
        optimizer: the learned one.
        steps: after how many steps to draw, in rising order.
        reach: the largest gradient.
    """
    gradients = torch.linspace(-reach, reach, 401)
    state, ends = optimizer.initial_state(len(gradients)), {}
    for step in range(1, max(steps) + 1):
        with torch.no_grad():
            updates, state = optimizer(gradients, state)
        if step in steps:
            shade = 0.25 + 0.75 * steps.index(step) / (len(steps) - 1)
            axes.plot(gradients, updates, color=ORANGE, alpha=shade)
            ends[f"step {step}"] = (reach, updates[-1].item(), "black")
    axes.set(xlabel="gradient, held for some steps", ylabel="update", xlim=(-reach, reach))
    name_the_ends(axes, ends)


def memory(
    axes: Axes, optimizer: LSTMOptimizer, gradients: Float[Tensor, "steps n"], rate: float
) -> None:
    """How much the last update owes to each gradient before it, beside NAG's.

    Args:
        axes: to draw into.
        optimizer: the learned one.
        gradients: that it met along real runs; its update is linearised around them.
        rate: of NAG with momentum 0.9.
    """
    gradients = gradients.detach().requires_grad_()
    state = optimizer.initial_state(gradients.shape[1])
    for g in gradients:
        updates, state = optimizer(g, state)
    (slopes,) = torch.autograd.grad(updates.sum(), gradients)
    ago = np.arange(len(gradients))
    nag = rate * 0.9 ** (ago + 1) + rate * (ago == 0)
    for name, owed in (("lstm", -slopes.flip(0).mean(1).numpy()), ("nag", nag)):
        label, color, dashes = LOOKS[name]
        axes.plot(ago, owed, color=color, linestyle=dashes, label=label)
    axes.set(xlabel="steps ago", ylabel="weight of that gradient", ylim=(0, None))
    axes.legend(frameon=False)
