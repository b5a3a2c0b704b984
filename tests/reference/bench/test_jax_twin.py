"""The meta-gradient of the tape is that of ``jax.grad``, on every kind of task."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
import torch

from l2l_ref.bench import benchmark
from l2l_ref.bench.benchmark import fast_window, setting
from l2l_ref.unroll import begin

pytest.importorskip("jax", reason="JAX is not installed: the extra 'bench' brings it")

CPU = torch.device("cpu")


def elsewhere(work, *arguments):
    """Work in a process of its own: JAX has threads, and warns of every later fork."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def in_jax(task_name, functions, optimizer):
    """The losses and meta-gradients of two windows."""
    from l2l_ref.bench.jax_twin import Twin

    task, _ = setting(task_name, functions, CPU)
    return [
        (torch.tensor(losses.tolist()), [torch.tensor(g.tolist()) for g in gradients])
        for losses, gradients in Twin(task, optimizer, window=20).trajectory(40)
    ]


@pytest.mark.parametrize(
    ("task_name", "functions"),
    [
        ("quadratics", 3),
        ("digits", 2),
        *(pytest.param(f"digits-{kind}", 1, marks=pytest.mark.slow) for kind in ("2layer", "relu")),
    ],
)
def test_the_same_meta_gradient(task_name, functions):
    task, optimizer = setting(task_name, functions, CPU)
    theirs = elsewhere(in_jax, task_name, functions, optimizer)
    window, run = fast_window(task, optimizer), begin(task, optimizer)
    for losses, gradients in theirs:
        mine, my_gradients, run = window(run)
        torch.testing.assert_close(mine, losses, rtol=1e-4, atol=1e-5)
        for one, other in zip(my_gradients, gradients, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4 * other.abs().max().item())


@pytest.mark.slow
def test_the_row_of_the_benchmark():
    row = elsewhere(benchmark.measure, "quadratics", 1, CPU, 1)
    assert row["jax_seconds"] > 0
    assert row["over_jax"] == row["seconds"] / row["jax_seconds"]
