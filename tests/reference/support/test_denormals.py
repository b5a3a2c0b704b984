"""No arithmetic on denormal numbers, in no thread; and the caller's thread stays as it was."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from l2l_ref import evaluation
from l2l_ref.bench import benchmark
from l2l_ref.support.denormals import flush_denormals, flushing
from l2l_ref.support.randomness import generator
from l2l_ref.tasks import Quadratics, get_sampler
from l2l_ref.training import Training

BIG = 1_000_000  # numbers; PyTorch shares the work on them among its threads


def denormals(tensor: torch.Tensor) -> int:
    """How many there are, told by their bits: a thread that flushes takes them all for zero."""
    bits = tensor.contiguous().view(torch.int32) & 0x7FFFFFFF
    return int(((bits > 0) & (bits < 0x00800000)).sum())


def product() -> torch.Tensor:
    """A million products of 1e-40."""
    return torch.full((BIG,), 1e-30) * torch.full((BIG,), 1e-10)


def in_the_tape(training: Training) -> int:
    """How many a window has left in the tensors of its tape."""
    (tape,) = training.window.args  # of meta_gradient
    tensors = [
        tensor
        for block in tape.blocks
        for layer in block.layers
        for tensor in (*layer.gates, *layer.c, layer.d_rows, layer.d_c, layer.d_weight)
    ]
    return sum(map(denormals, tensors))


if not torch.set_flush_denormal(False):
    pytest.skip("this processor cannot flush denormal numbers", allow_module_level=True)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_thread_flushes_and_the_callers_stays_as_it_was(threads):
    torch.set_num_threads(threads)
    assert denormals(product()) == BIG
    assert denormals(flushing(product)()) == 0
    assert flushing(torch.get_num_threads)() == threads
    assert denormals(product()) == BIG


def trained(train, monkeypatch) -> list[int]:
    """How many there are after each window of a trajectory in which hidden units saturate."""
    training, found = Training(get_sampler("digits"), benchmark.SATURATING), []
    step = training._adam_step

    def counted(*arguments):
        found.append(in_the_tape(training))
        step(*arguments)

    monkeypatch.setattr(training, "_adam_step", counted)
    train(training)
    return found


@pytest.mark.parametrize("threads", [1, 2])
def test_a_training_that_makes_them_keeps_none(threads, monkeypatch):
    torch.set_num_threads(threads)
    assert max(trained(Training.train_on_one_batch.__wrapped__, monkeypatch)) > 1000
    assert trained(Training.train_on_one_batch, monkeypatch) == [0] * 5


def test_an_evaluation_makes_none():
    def minimize(task, steps):
        found.append(denormals(product()))
        return torch.ones(steps + 1, len(task.start()))

    found = []
    evaluation.measure(minimize, iter([Quadratics.sample(1, generator(0))] * 3), 2)
    assert found == [0, 0, 0]


def test_a_thread_that_flushed_before_still_does():
    torch.set_flush_denormal(True)
    try:
        assert denormals(flushing(product)()) == 0
        assert (torch.full((3,), 1e-30) * 1e-10 == 0).all()
    finally:
        flush_denormals(False)
    assert denormals(product()) == BIG


def test_in_another_thread_than_the_main_one():
    with ThreadPoolExecutor(1) as pool:
        assert denormals(pool.submit(flushing(product)).result()) == 0
        assert denormals(pool.submit(product).result()) == BIG


def test_no_thread_is_added():
    """OpenMP puts threads to sleep when it has more of them than there are cores."""
    product()
    before = len(os.listdir("/proc/self/task"))
    flushing(product)()
    assert len(os.listdir("/proc/self/task")) == before


def test_without_openmp_this_thread_still_flushes(monkeypatch):
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    torch.set_num_threads(1)
    assert denormals(flushing(product)()) == 0
    assert denormals(product()) == BIG


def test_calls_within_calls_and_errors_and_results():
    def inner():
        return denormals(product())

    def outer():
        return flushing(inner)(), denormals(product())

    assert flushing(outer)() == (0, 0)
    with pytest.raises(ZeroDivisionError):
        flushing(lambda: 1 / 0)()
    assert denormals(product()) == BIG
    assert flushing(divmod)(7, 2) == (3, 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_call_ends_before_the_interrupt_goes_on(number):
    """Whoever catches it must not meet a training that is still moving."""
    before, ended = signal.signal(number, signal.default_int_handler), []

    def slow():
        os.kill(os.getpid(), number)
        time.sleep(0.05)
        ended.append(True)

    try:
        with pytest.raises(KeyboardInterrupt):
            flushing(slow)()
        assert ended
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)
