"""The baselines against their formulas; conjugate gradient against linear algebra."""

import pytest
import torch

from l2l_ref.evaluation import draw, measure
from l2l_ref.minimizers import BASELINES, conjugate_gradient, hand_designed, learned
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.randomness import generator
from l2l_ref.tasks import Quadratics, get_sampler
from l2l_ref.unroll import begin, unroll


def by_formula(name, rate, task, steps):
    """Each update rule written out, in float64."""
    theta = task.start()
    m, v, b = torch.zeros_like(theta), torch.zeros_like(theta), torch.zeros_like(theta)
    losses = []
    for t in range(1, steps + 2):
        residual = task.residual(theta)
        losses.append(residual.square().sum(-1))
        g = 2 * torch.einsum("fmn,fm->fn", task.W, residual)
        if name == "sgd":
            theta = theta - rate * g
        elif name in ("momentum", "nag"):
            b = g if t == 1 else 0.9 * b + g
            theta = theta - rate * (g + 0.9 * b if name == "nag" else b)
        elif name == "rmsprop":
            v = 0.99 * v + 0.01 * g**2
            theta = theta - rate * g / (v.sqrt() + 1e-8)
        elif name == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
            theta = theta - rate * m_hat / (v_hat.sqrt() + 1e-8)
    return torch.stack(losses)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", BASELINES)
def test_baselines_against_their_formulas(name):
    task = Quadratics.sample(3, generator(0))
    losses = hand_designed(name, 0.01)(task, 30)
    assert losses.shape == (31, 3)
    torch.testing.assert_close(losses, by_formula(name, 0.01, task, 30))


def test_baselines_leave_the_task_as_it_was():
    task = get_sampler("digits")(2, generator(0))
    before = task.start().clone()
    first = hand_designed("adam", 0.1)(task, 5)
    assert torch.equal(task.start(), before)
    assert torch.equal(hand_designed("adam", 0.1)(task, 5), first)


def test_the_learned_one_follows_the_inner_loop():
    task, optimizer = get_sampler("digits")(2, generator(0)), LSTMOptimizer(preprocess=True)
    losses = learned(optimizer)(task, 6)
    run = begin(task, optimizer)
    expected, _ = unroll(optimizer, run, 6)
    torch.testing.assert_close(losses, torch.cat([run.loss[None], expected.detach()]))
    assert not losses.requires_grad


@pytest.mark.usefixtures("float64")
def test_conjugate_gradient_arrives_after_as_many_steps_as_coordinates():
    task = Quadratics.sample(200, generator(0))
    losses = conjugate_gradient(task, 30)
    assert losses.isfinite().all()
    assert losses[12].max() < 1e-6
    torch.testing.assert_close(losses[0], task.y.square().sum(-1))


@pytest.mark.usefixtures("float64")
def test_conjugate_gradient_is_the_best_that_gradients_allow():
    """After k steps: the least squares solution within the span of k gradients."""
    task = Quadratics.sample(20, generator(1))
    losses = conjugate_gradient(task, 4)
    A, b = task.W.mT @ task.W, (task.W.mT @ task.y[..., None])[..., 0]
    span = [b]
    for k in range(1, 5):
        basis = torch.stack(span, dim=-1)  # (functions, n, k)
        solution = torch.linalg.lstsq(task.W @ basis, task.y[..., None]).solution
        best = task.loss((basis @ solution)[..., 0], 0)
        torch.testing.assert_close(losses[k], best, rtol=1e-6, atol=1e-9)
        span.append((A @ span[-1][..., None])[..., 0])


@pytest.mark.parametrize(
    ("name", "rate", "expected"),
    [  # measured elsewhere on 10,000 other functions
        ("adam", 0.3, 115.8),
        ("rmsprop", 0.03, 128.3),
        ("sgd", 0.01, 185.4),
        ("momentum", 0.03, 102.9),
        ("nag", 0.01, 94.0),
        ("cg", None, 25.9),
    ],
)
def test_sums_agree_with_those_measured_elsewhere(name, rate, expected):
    minimize = conjugate_gradient if name == "cg" else hand_designed(name, rate)
    tasks = draw(Quadratics.sample, 4000, 0, "facts", "report", torch.device("cpu"))
    sums = measure(minimize, tasks, 100).sums
    error = sums.std() * (1 / 4000 + 1 / 10_000) ** 0.5
    assert abs(sums.mean() - expected) < 3.5 * error
