"""The meta-gradient against the full graph and against finite differences."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn

from l2l_ref.data import Images
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.randomness import generator
from l2l_ref.tape import Tape
from l2l_ref.tasks import Networks, Perceptrons, Quadratics, get_sampler
from l2l_ref.unroll import (
    CapturedWindow,
    begin,
    fastest_window,
    loss_and_gradient,
    meta_gradient,
    unroll,
)

pytestmark = pytest.mark.usefixtures("float64")


def tiny_images():
    return Images(torch.rand(50, 4), torch.randint(10, (50,)))


TASKS = {
    "quadratics": lambda: Quadratics.sample(2, generator(0), size=3),
    "one quadratic": lambda: Quadratics.sample(1, generator(0), size=3),
    "perceptrons": lambda: Perceptrons(tiny_images(), 2, generator(0), hidden=(3,)),
    "batch norm": lambda: Networks(
        lambda: nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 10)),
        tiny_images(),
        2,
        generator(0),
    ),
}


@pytest.fixture(params=TASKS)
def task(request):
    return TASKS[request.param]()


@pytest.fixture(params=[False, True], ids=["plain", "preprocessed"])
def optimizer(request):
    return LSTMOptimizer(hidden=3, preprocess=request.param)


@pytest.mark.parametrize(("length", "windows"), [(1, 3), (4, 1), (3, 2)])
def test_against_the_full_graph(task, optimizer, length, windows):
    """`unroll` and autograd; in float64 they agree to the last digits."""

    def by_graph():
        run = begin(task, optimizer)
        for _ in range(windows):
            losses, run = unroll(optimizer, run, length)
            meta_loss = losses.sum(0).mean()
            yield losses, torch.autograd.grad(meta_loss, list(optimizer.parameters())), run

    def by_tape():
        run = begin(task, optimizer)
        tape = Tape(optimizer, run.theta.numel(), length)
        for _ in range(windows):
            losses, gradients, run = meta_gradient(tape, run)
            yield losses, gradients, run

    expected = list(by_graph())
    for (losses, gradients, run), (want_losses, want_gradients, want_run) in zip(
        by_tape(), expected, strict=True
    ):
        torch.testing.assert_close(losses, want_losses)
        torch.testing.assert_close(gradients, list(want_gradients), rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(run.theta, want_run.theta)
        torch.testing.assert_close(run.state, want_run.state)
        assert run.step == want_run.step


@pytest.mark.parametrize("length", [1, 4])
def test_against_finite_differences(task, optimizer, length):
    """With the gradients held at the values they have: that is what dropping the edges means."""
    run = begin(task, optimizer)
    tape = Tape(optimizer, run.theta.numel(), length)
    fixed = [run.gradient]
    replay = run
    for _ in range(length):
        _, replay = unroll(optimizer, replay, 1)
        fixed.append(replay.gradient)

    def meta_loss():
        theta, state, total = run.theta, run.state, 0.0
        for step in range(length):
            updates, state = optimizer(fixed[step].flatten(), state)
            theta = theta + updates.view_as(theta)
            total += run.task.loss(theta, step + 1).mean()
        return float(total)

    run.task.start()
    gradients = meta_gradient(tape, begin(task, optimizer))[1]
    step = 1e-6
    with torch.no_grad():
        for weight, gradient in zip(optimizer.parameters(), gradients, strict=True):
            for index in range(0, weight.numel(), 7):
                entry = weight.view(-1)[index]
                value = entry.item()
                entry.fill_(value + step)
                above = meta_loss()
                entry.fill_(value - step)
                below = meta_loss()
                entry.fill_(value)
                difference = (above - below) / (2 * step)
                assert gradient.reshape(-1)[index].item() == pytest.approx(difference, abs=1e-8)


def test_finding_11_the_last_update_of_a_window_is_trained():
    """With a window of one update there is one loss after it, so something is learned."""
    optimizer = LSTMOptimizer(hidden=3)
    run = begin(Quadratics.sample(2, generator(0)), optimizer)
    losses, gradients, _ = meta_gradient(Tape(optimizer, 20, 1), run)
    assert losses.shape == (1, 2)
    assert all(gradient.abs().sum() > 0 for gradient in gradients[-2:])


def test_finding_12_no_step_is_walked_back_through_twice():
    """A window of U updates goes once through each of its losses, not through all at each step."""
    walked = []

    class Watched(Quadratics):
        def loss(self, theta, step):
            losses = super().loss(theta, step)
            losses.register_hook(lambda _: walked.append(step))
            return losses

    optimizer = LSTMOptimizer(hidden=3)
    run = begin(Watched.sample(2, generator(0)), optimizer)
    meta_gradient(Tape(optimizer, 20, 7), run)
    assert walked == list(range(8))


def test_finding_13_recorded_losses_are_not_overwritten():
    optimizer = LSTMOptimizer(hidden=3)
    task = Quadratics.sample(2, generator(0))
    run = begin(task, optimizer)
    first = run.loss.clone()
    losses, _, after = meta_gradient(Tape(optimizer, 20, 3), run)
    assert torch.equal(run.loss, first)
    assert torch.equal(first, task.loss(task.start(), 0))
    torch.testing.assert_close(losses[-1], task.loss(after.theta, 3))


def test_theta_moves_by_the_updates_alone():
    optimizer = LSTMOptimizer(hidden=3, output_scale=0.5)
    task = Quadratics.sample(1, generator(0))
    run = begin(task, optimizer)
    updates, _ = optimizer(run.gradient.flatten(), run.state)
    _, _, after = meta_gradient(Tape(optimizer, 10, 1), run)
    torch.testing.assert_close(after.theta[0], task.start()[0] + updates)


def test_no_graph_outlives_a_step():
    theta = torch.zeros(2, 10, requires_grad=True)
    losses, gradient = loss_and_gradient(Quadratics.sample(2, generator(0)), theta, 0)
    assert not losses.requires_grad
    assert not gradient.requires_grad
    with torch.no_grad():  # and the caller's mode does not matter
        again = loss_and_gradient(Quadratics.sample(2, generator(0)), theta, 0)
    torch.testing.assert_close(again, (losses, gradient))


# A window as a CUDA graph


class OnTheHost:
    """In place of `Captured` where there is no GPU: it calls the function again.

    It sees what a graph would: the tensors it was made with, with other numbers in them.
    """

    def __init__(self, function, *inputs):
        self.function, self.inputs = function, [value.clone() for value in inputs]

    def __call__(self, *inputs):
        for place, value in zip(self.inputs, inputs, strict=True):
            place.copy_(value)
        return self.function(*self.inputs)


def trajectory(task, optimizer, take_window):
    """Losses, gradients and thetas of three windows, copied: a graph writes over what it gave."""
    run, seen = begin(task, optimizer), []
    for _ in range(3):
        losses, gradients, run = take_window(run)
        seen += [x.detach().clone() for x in (losses, *gradients, run.theta, run.loss)]
    assert run.task is task
    assert run.step == 12
    return seen


def capturable(device="cpu"):
    for task in (
        lambda seed: Quadratics.sample(2, generator(seed), device=device, size=3),
        lambda seed: get_sampler("digits")(2, generator(seed), "train", torch.device(device)),
    ):
        yield [task(seed) for seed in range(3)]


def test_a_captured_window_serves_every_task_of_its_sampler(optimizer, monkeypatch):
    monkeypatch.setattr("l2l_ref.unroll.Captured", OnTheHost)
    for tasks in capturable():
        tape = Tape(optimizer, tasks[0].start().numel(), 4)
        captured = CapturedWindow(tape, begin(tasks[0], optimizer))
        for task in tasks:
            eager = trajectory(task, optimizer, partial(meta_gradient, tape))
            for a, b in zip(trajectory(task, optimizer, captured), eager, strict=True):
                assert torch.equal(a, b)
            with torch.no_grad():  # as Adam does between two windows
                optimizer.output.weight.mul_(1.1)


def test_on_the_cpu_no_window_is_captured(task, optimizer):
    run = begin(task, optimizer)
    window = fastest_window(Tape(optimizer, run.theta.numel(), 2), run)
    assert not isinstance(window, CapturedWindow)
    for a, b in zip(window(run)[1], meta_gradient(window.args[0], run)[1], strict=True):
        assert torch.equal(a, b)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_on_a_gpu_a_window_is_captured_and_the_host_waits_for_nothing(optimizer, no_waiting):
    optimizer = optimizer.to("cuda")
    for tasks in capturable("cuda"):
        tape = Tape(optimizer, tasks[0].start().numel(), 4)
        captured = fastest_window(tape, begin(tasks[0], optimizer))
        assert isinstance(captured, CapturedWindow)
        for task in tasks:
            eager = trajectory(task, optimizer, partial(meta_gradient, tape))
            for a, b in zip(trajectory(task, optimizer, captured), eager, strict=True):
                torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)
            run = begin(task, optimizer)
            with no_waiting():
                captured(run)
        with pytest.raises(ValueError, match=r"of shape \(1, .*where one of \(2, .* was rec"):
            captured(replace(run, theta=run.theta[:1]))


class Prying(Quadratics):
    """Looks at its loss on the host, which no graph can record."""

    def on(self, tensors):
        return Prying(*tensors)

    def loss(self, theta, step):
        losses = super().loss(theta, step)
        assert losses.sum().item() >= 0
        return losses


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_what_cannot_be_captured_runs_step_by_step_and_says_so(optimizer):
    plain = Quadratics.sample(2, generator(0), device="cuda", size=3)
    optimizer, task = optimizer.to("cuda"), Prying(plain.W, plain.y)
    tape = Tape(optimizer, 6, 4)
    with pytest.warns(UserWarning, match="cannot be captured as a CUDA graph .* step by step"):
        window = fastest_window(tape, begin(task, optimizer))
    eager = trajectory(plain, optimizer, partial(meta_gradient, tape))
    for a, b in zip(trajectory(task, optimizer, window), eager, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)
