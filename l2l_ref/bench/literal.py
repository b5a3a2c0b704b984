"""The inner loop as the original code runs it: the baseline that the speed is measured against.

One function at a time, a Python loop over its parameters, LSTM cells with the coordinates first,
and ``loss.backward(retain_graph=True)`` at every step, which walks back through the whole window
each time. Kept as it is, mistakes included; nothing but `benchmark` and its test uses it.
"""

import copy
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..modules import MetaLinear, MetaModule, MetaSequential
from ..optimizers import LSTMOptimizer
from ..tasks import Perceptrons, Quadratics, Task


class LiteralOptimizer(nn.Module):
    """The network of an `LSTMOptimizer`, coordinates first, its weights copied."""

    def __init__(self, optimizer: LSTMOptimizer):
        super().__init__()
        self.features = optimizer.features
        self.first, self.second = copy.deepcopy(optimizer.cells)
        self.output = copy.deepcopy(optimizer.output)

    def forward(self, gradient: Tensor, hidden: list[Tensor], cell: list[Tensor]):
        x = self.features(gradient[:, 0]).T
        h0, c0 = self.first(x, (hidden[0], cell[0]))
        h1, c1 = self.second(h0, (hidden[1], cell[1]))
        return self.output(h1), (h0, h1), (c0, c1)


def constant(tensor: Tensor) -> Tensor:
    """The original's ``detach_var``: a new leaf on the same memory, with a gradient of its own."""
    leaf = tensor.data.requires_grad_()
    leaf.retain_grad()
    return leaf


def optimizee_of(task: Task) -> tuple[MetaModule, Callable[[MetaModule, int], Tensor]]:
    """The first function of a task as the original has it: a meta module, and its loss."""
    if isinstance(task, Quadratics):
        quadratic = MetaModule()
        quadratic.theta = nn.Parameter(task.start()[0])
        W, y = task.W[0], task.y[0]
        return quadratic, lambda module, step: (W.matmul(module.theta) - y).pow(2).sum()
    if isinstance(task, Perceptrons):
        (hidden, pixels), (classes, _) = task.shapes
        network = MetaSequential(
            MetaLinear(pixels, hidden), nn.Sigmoid(), MetaLinear(hidden, classes)
        )
        network.to(task.start())
        nn.utils.vector_to_parameters(task.start()[0].clone(), network.parameters())

        def loss(module: MetaModule, step: int) -> Tensor:
            x, labels = task.minibatches(step)
            return F.cross_entropy(module(x[0]), labels[0])

        return network, loss
    raise TypeError(f"the literal loop knows quadratics and perceptrons, not {type(task).__name__}")


def run(
    network: LiteralOptimizer,
    optimizee: MetaModule,
    loss_of: Callable[[MetaModule, int], Tensor],
    output_scale: float,
    steps: int = 100,
    window: int = 20,
    adam: torch.optim.Optimizer | None = None,
) -> list[float]:
    """One training trajectory of one function; without ``adam`` the optimizer stays as it is.

    Args:
        network: the optimizer.
        optimizee: holds the function's parameters; they move.
        loss_of: called with the optimizee and the step, returns the loss.
        output_scale: of the updates.
        steps: updates. window: updates between truncations.
        adam: takes a step on the network's weights at the end of each window.

    Returns:
        The loss before each update.
    """
    n = sum(p.numel() for p in optimizee.parameters())

    def zeros() -> list[Tensor]:
        return [network.output.weight.new_zeros(n, network.output.in_features) for _ in range(2)]

    hidden, cell = zeros(), zeros()
    total, history = None, []
    for step in range(1, steps + 1):
        loss = loss_of(optimizee, step - 1)
        total = loss if total is None else total + loss
        history.append(loss.item())
        loss.backward(retain_graph=True)

        offset, results, new_hidden, new_cell = 0, {}, zeros(), zeros()
        for name, p in optimizee.named_parameters():
            here = slice(offset, offset + p.numel())
            gradient = constant(p.grad.view(-1, 1))
            updates, h, c = network(gradient, [x[here] for x in hidden], [x[here] for x in cell])
            for layer in range(2):
                new_hidden[layer][here], new_cell[layer][here] = h[layer], c[layer]
            results[name] = p + updates.view_as(p) * output_scale
            results[name].retain_grad()
            offset += p.numel()

        if step % window == 0:
            if adam is not None:
                adam.zero_grad()
                total.backward()
                adam.step()
            total = None
            results = {name: constant(result) for name, result in results.items()}
            new_hidden = [constant(h) for h in new_hidden]
            new_cell = [constant(c) for c in new_cell]
        for name, result in results.items():
            owner, _, attribute = name.rpartition(".")
            setattr(optimizee.get_submodule(owner), attribute, result)
        hidden, cell = new_hidden, new_cell
    return history
