"""The inner loop, and the gradient of the meta-loss through one window of it (section 2).

The optimizee's gradient is an input of the optimizer, as in the paper's figure 2: the dashed
edges, along which second derivatives would flow, are dropped. A window of U updates counts the
U losses *after* its updates, so that each update, the last one too, has a loss to answer for.

`unroll` is the definition, for autograd to differentiate. `meta_gradient` computes the same
gradient without a graph. With the dashed edges dropped, theta_t depends on the optimizer's
weights phi only through the updates, theta_t = theta_0 + sum_{s<t} update_s, so

    d/dphi sum_t f(theta_t) = sum_t <g_t, d theta_t / dphi>
                            = sum_s <sum_{t>s} g_t, d update_s / dphi>

where g_t, the gradient of f at theta_t, is what the optimizer is given anyway. The optimizee is
differentiated once for each theta and its graph is freed at once.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .optimizers import LSTMOptimizer, State
from .tape import Tape
from .tasks import Losses, Task, Theta


@dataclass
class Run:
    """An optimizee on its way: all that one window hands to the next, without its graph.

    Args:
        task: the functions, with whatever else they carry along (batch-norm statistics).
        theta: where they are now.
        loss: there. gradient: there.
        state: of the optimizer, for all coordinates of all functions in one row.
        step: updates taken so far.
    """

    task: Task
    theta: Theta
    loss: Losses
    gradient: Theta
    state: State
    step: int


def loss_and_gradient(task: Task, theta: Theta, step: int) -> tuple[Losses, Theta]:
    """The functions' values and gradients at theta, as constants."""
    with torch.enable_grad():
        theta = theta.detach().requires_grad_()
        losses = task.loss(theta, step)
        (gradient,) = torch.autograd.grad(losses.sum(), theta)
    return losses.detach(), gradient


def begin(task: Task, optimizer: LSTMOptimizer) -> Run:
    """A run at theta_0, with a fresh state."""
    theta = task.start().detach()
    loss, gradient = loss_and_gradient(task, theta, 0)
    return Run(task, theta, loss, gradient, optimizer.initial_state(theta.numel()), 0)


def unroll(
    optimizer: LSTMOptimizer, run: Run, length: int
) -> tuple[Float[Tensor, "length functions"], Run]:
    """Take ``length`` updates and keep the graph: the definition of the meta-loss.

    Returns:
        The losses after each update, differentiable in the optimizer's weights; their sum over
        the window, averaged over the functions, is the meta-loss. And the run after the window.
    """
    theta, gradient, state = run.theta, run.gradient, run.state
    losses = []
    for step in range(run.step + 1, run.step + length + 1):
        updates, state = optimizer(gradient.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses.append(run.task.loss(theta, step))
        # The gradient is taken without create_graph: an input, not a function of phi.
        (gradient,) = torch.autograd.grad(losses[-1].sum(), theta, retain_graph=True)
    state = [(h.detach(), c.detach()) for h, c in state]
    after = Run(run.task, theta.detach(), losses[-1].detach(), gradient, state, step)
    return torch.stack(losses), after


def meta_gradient(
    tape: Tape, run: Run
) -> tuple[Float[Tensor, "length functions"], list[Tensor], Run]:
    """Take a window of updates and differentiate its meta-loss, without a graph.

    Args:
        tape: for ``run.theta.numel()`` coordinates; its length is the window's.
        run: where the window starts.

    Returns:
        The losses after each update; the gradient of their sum over the window, averaged over
        the functions, one tensor for each of ``optimizer.parameters()``; the run after the
        window.
    """
    theta, gradient = run.theta, run.gradient
    losses, gradients = [], []
    tape.begin(run.state)
    for step in range(run.step + 1, run.step + tape.length + 1):
        theta = theta + tape.step(gradient.flatten()).view_as(theta)
        loss, gradient = loss_and_gradient(run.task, theta, step)
        losses.append(loss)
        gradients.append(gradient.flatten())
    # Update s moves all later thetas of the window: its cotangent is the sum of g_t over t > s.
    later = torch.stack(gradients).flip(0).cumsum(0).flip(0)
    after = Run(run.task, theta, loss, gradient, tape.state(), step)
    return torch.stack(losses), tape.gradient(later / len(theta)), after
