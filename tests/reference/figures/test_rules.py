"""Portraits of rules show what the rules do."""

import torch
from matplotlib.figure import Figure

from l2l_ref.figures import rules
from l2l_ref.minimizers import BASELINES
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.randomness import generator
from l2l_ref.tasks import Quadratics


def lines_of(axes):
    """The ys of each line."""
    return [torch.tensor(line.get_ydata(), dtype=torch.float64) for line in axes.lines]


def test_the_path_is_gradient_descents():
    axes, task = Figure().subplots(), Quadratics.sample(1, generator(0), size=2)
    rules.contours(axes, task, rate=0.05, steps=7)
    theta = torch.zeros(2, requires_grad=True)
    sgd, path = torch.optim.SGD([theta], lr=0.05), [theta.tolist()]
    for _ in range(7):
        sgd.zero_grad()
        (task.W[0] @ theta - task.y[0]).square().sum().backward()
        sgd.step()
        path.append(theta.tolist())
    path_drawn = torch.tensor(axes.lines[0].get_xydata())
    torch.testing.assert_close(path_drawn.float(), torch.tensor(path))


def test_an_answer_is_the_update_after_so_many_steps_of_one_gradient():
    axes, optimizer = Figure().subplots(), LSTMOptimizer()
    rules.held_gradients(axes, optimizer, steps=[1, 3], reach=2.0)
    state = optimizer.initial_state(1)
    with torch.no_grad():
        for _ in range(3):
            update, state = optimizer(torch.tensor([-2.0]), state)
    assert abs(lines_of(axes)[1][0] - update.item()) < 1e-6


def test_the_memory_of_nag_is_that_of_torchs():
    """Its update is linear in the gradients, so each weight is the answer to one gradient of 1."""
    axes, steps = Figure().subplots(), 6
    rules.memory(axes, LSTMOptimizer(), torch.zeros(steps, 3), rate=0.1)
    weights = []
    for ago in range(steps):
        theta = torch.zeros(1)
        nag = BASELINES["nag"]([theta], lr=0.1)
        for step in range(steps):
            before, theta.grad = theta.clone(), torch.full((1,), float(steps - 1 - step == ago))
            nag.step()
        weights.append((before - theta).item())
    torch.testing.assert_close(lines_of(axes)[1].float(), torch.tensor(weights))
