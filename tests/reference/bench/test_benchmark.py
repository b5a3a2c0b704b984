"""The literal loop does the original's work; the benchmark compares like with like."""

import pytest
import torch

from l2l_ref.bench import benchmark, literal
from l2l_ref.minimizers import learned
from l2l_ref.optim import LearnedOptimizer
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.randomness import generator
from l2l_ref.tasks import TASKS, Networks, Perceptrons, Quadratics, get_sampler

CPU = torch.device("cpu")


def literal_losses(task, optimizer, steps, window):
    network = literal.LiteralOptimizer(optimizer)
    adam = torch.optim.Adam(network.parameters(), lr=0.0)
    optimizee, loss_of = literal.optimizee_of(task)
    return literal.run(network, optimizee, loss_of, optimizer.output_scale, steps, window, adam)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", ["quadratics", "digits"])
def test_it_gives_the_losses_of_the_fast_loop(name):
    task = get_sampler(name)(1, generator(0))
    optimizer = LSTMOptimizer(preprocess=name == "digits")
    expected = learned(optimizer)(task, 25)[:25, 0]
    losses = literal_losses(task, optimizer, steps=25, window=10)
    torch.testing.assert_close(torch.tensor(losses), expected, rtol=1e-10, atol=1e-12)


def test_it_trains_the_network():
    network = literal.LiteralOptimizer(LSTMOptimizer())
    before = [weight.detach().clone() for weight in network.parameters()]
    adam = torch.optim.Adam(network.parameters())
    optimizee, loss_of = literal.optimizee_of(Quadratics.sample(1, generator(0)))
    literal.run(network, optimizee, loss_of, 0.1, steps=4, window=2, adam=adam)
    for weight, old in zip(network.parameters(), before, strict=True):
        assert not torch.equal(weight, old)


def test_other_tasks_are_refused():
    with pytest.raises(TypeError, match="knows quadratics and perceptrons, not Networks"):
        literal.optimizee_of(Networks.__new__(Networks))


def test_operations_are_counted_as_the_profiler_counts_them():
    """Against torch's own counter, on the readable form with its graph."""
    from torch.utils.flop_counter import FlopCounterMode

    optimizer, n, steps = LSTMOptimizer(), 7, 3
    counter = FlopCounterMode(display=False)
    with counter:
        state, updates = optimizer.initial_state(n), []
        for _ in range(steps):
            update, state = optimizer(torch.randn(n), state)
            updates.append(update)
        torch.autograd.grad(torch.stack(updates).sum(), list(optimizer.parameters()))
    # The first step's state is a constant, and the last hidden state feeds nothing on.
    hidden_products = sum(cell.weight_hh.numel() for cell in optimizer.cells)
    expected = benchmark.operations(optimizer, n) * steps / benchmark.STEPS
    assert expected - 2 * 2 * hidden_products * n <= counter.get_total_flops() <= expected


def test_a_row(monkeypatch):
    monkeypatch.setattr(benchmark, "peak_of", lambda *_: 600.0)  # another test starts its process
    row = benchmark.measure("quadratics", 2, CPU, repeats=1)
    assert row["work"] == "quadratics x2"
    assert row["ratio"] == pytest.approx(row["baseline_seconds"] / row["seconds"] * 2)
    assert row["seconds"] > row["floor_seconds"] > 0
    assert row["over_floor"] == pytest.approx(row["seconds"] / row["floor_seconds"])
    assert row["peak_mb"] == 600
    assert row["graph_seconds"] > 0
    assert row["evaluation_seconds"] > 0


def test_a_row_of_growth():
    row = benchmark.grow("digits", 2, 50, CPU, repeats=1)
    assert (row["work"], row["window"]) == ("digits x2", 50)
    assert row["coordinates"] == 2 * (64 * 20 + 20 + 20 * 10 + 10)
    assert row["trajectories_per_second"] == pytest.approx(2 / row["seconds"])


@pytest.mark.usefixtures("float64")
def test_the_graph_is_the_same_training():
    """After a trajectory of each, both optimizers have moved by the same."""
    finished = []
    for trajectory in ("fast", "graph"):
        torch.manual_seed(0)
        task, optimizer = benchmark.setting("quadratics", 3, CPU)
        start = [weight.detach().clone() for weight in optimizer.parameters()]
        adam = torch.optim.SGD(optimizer.parameters(), lr=1e-6)
        if trajectory == "fast":
            window = benchmark.fast_window(task, optimizer)
            benchmark.fast_trajectory(task, optimizer, window, adam)
        else:
            benchmark.graph_trajectory(task, optimizer, adam)
        finished.append([w - s for w, s in zip(optimizer.parameters(), start, strict=True)])
    for fast, graph in zip(*finished, strict=True):
        assert graph.norm() > 0
        torch.testing.assert_close(fast, graph, rtol=1e-6, atol=1e-12)


def test_the_peak_is_that_of_the_fresh_process_alone():
    before = benchmark.peak_of("quadratics", 1, CPU)
    if before is None:
        pytest.skip("this system does not tell")
    assert 50 < before < 4000
    ballast = torch.ones(300 * 2**18)  # 300 MB here are not memory of the other process
    assert benchmark.peak_of("quadratics", 1, CPU) == pytest.approx(before, abs=100)
    assert len(ballast)


def test_work_is_counted_off_in_turns():
    order = []
    times = benchmark.alternate(2, lambda: order.append("a"), lambda: order.append("b"))
    assert order == ["a", "b"] * 3
    assert len(times) == 2
    assert all(seconds >= 0 for seconds in times)


def test_every_row_is_of_a_known_task():
    for task, functions in benchmark.WORK:
        assert task in benchmark.EVALUATED
        if task == "mnist":  # its images may not be there
            continue
        sampled, optimizer = benchmark.setting(task, functions, CPU)
        assert len(sampled.start()) == functions
        assert isinstance(sampled, Quadratics | Perceptrons)
        assert optimizer.preprocess == (task != "quadratics")
    for sizes in benchmark.GROWTH.values():
        for task, functions, window in sizes:
            assert task in TASKS
            assert functions >= 1
            assert benchmark.STEPS % window == 0


@pytest.mark.parametrize("make", [LearnedOptimizer, torch.optim.Adam])
def test_the_steps_that_are_timed_move_the_weights(make):
    steps, tensors = benchmark.ten_steps(make, 20, CPU)
    steps()
    assert all((tensor != 0).all() for tensor in tensors)
