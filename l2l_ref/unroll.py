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

On a GPU the host takes longer to ask for a window's thousands of small operations than the card
takes to do them. A `CapturedWindow` records them once, for the card to go through alone.
"""

import functools
import itertools
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from .optimizers import LSTMOptimizer, State
from .support.cuda_graph import Captured
from .tape import Tape
from .tasks import Capturable, Losses, Task, Theta


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


#: Takes a window from where a run is; see `meta_gradient`.
Window = Callable[[Run], tuple[Tensor, list[Tensor], Run]]


def fastest_window(tape: Tape, run: Run) -> Window:
    """`meta_gradient` with this tape, on a GPU captured where the task allows.

    Args:
        tape: for ``run.theta.numel()`` coordinates.
        run: like the ones to come: of the same sampler, with as many functions.
    """
    if run.theta.is_cuda and isinstance(run.task, Capturable):
        try:
            return CapturedWindow(tape, run)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            warnings.warn(
                f"a window cannot be captured as a CUDA graph ({reason}); it runs step by step, "
                "with the same result",
                stacklevel=2,
            )
    return functools.partial(meta_gradient, tape)


class CapturedWindow:
    """`meta_gradient` as one CUDA graph. What a call returns is overwritten by the next one.

    Args:
        tape, run: see `fastest_window`.

    Raises:
        RuntimeError: the card or the task does not allow it.
    """

    def __init__(self, tape: Tape, run: Run):
        self.tape = tape
        states = 2 * len(run.state)

        def window(theta: Tensor, gradient: Tensor, *rest: Tensor):
            state = list(zip(rest[:states:2], rest[1:states:2], strict=True))
            task = run.task.on(list(rest[states:]))
            start = Run(task, theta, run.loss, gradient, state, step=-1)  # its first step is 0
            return meta_gradient(tape, start)

        self.captured = Captured(window, *self._inputs(run))

    def __call__(self, run: Run) -> tuple[Float[Tensor, "length functions"], list[Tensor], Run]:
        """See `meta_gradient`."""
        losses, gradients, after = self.captured(*self._inputs(run))
        return losses, gradients, replace(after, task=run.task, step=run.step + self.tape.length)

    def _inputs(self, run: Run) -> list[Tensor]:
        steps = range(run.step + 1, run.step + 1 + self.tape.length)
        state = itertools.chain.from_iterable(run.state)
        return [run.theta, run.gradient, *state, *run.task.tensors(steps)]
