"""How fast training is, beside the literal loop of the original, both measured in one run."""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import torch
from tqdm import tqdm

from . import literal
from .optimizers import LSTMOptimizer
from .provenance import describe
from .randomness import generator
from .tape import Tape
from .tasks import Task, get_sampler
from .unroll import begin, meta_gradient

#: What is measured: a task and how many functions are trained on at once.
WORK = (("quadratics", 1), ("quadratics", 128), ("digits", 1), ("digits", 8))
STEPS, WINDOW = 100, 20


def setting(task: str, functions: int, device: torch.device) -> tuple[Task, LSTMOptimizer]:
    """The functions and the untrained optimizer of one row."""
    sampled = get_sampler(task)(functions, generator(0, "benchmark"), "train", device)
    return sampled, LSTMOptimizer(preprocess=task != "quadratics").to(device)


def fast_trajectory(task: Task, optimizer: LSTMOptimizer, tape: Tape, adam) -> None:
    """One training trajectory as `training` runs it."""
    run = begin(task, optimizer)
    for _ in range(STEPS // WINDOW):
        _, gradients, run = meta_gradient(tape, run)
        for weight, gradient in zip(optimizer.parameters(), gradients, strict=True):
            weight.grad = gradient
        adam.step()


def literal_trajectory(task: Task, optimizer: LSTMOptimizer) -> None:
    """One training trajectory of the task's first function as the original runs it."""
    network = literal.LiteralOptimizer(optimizer)
    adam = torch.optim.Adam(network.parameters(), lr=0.0)
    optimizee, loss_of = literal.optimizee_of(task)
    literal.run(network, optimizee, loss_of, optimizer.output_scale, STEPS, WINDOW, adam)


def measure(task_name: str, functions: int, device: torch.device, repeats: int) -> dict:
    """One row of the table."""
    task, optimizer = setting(task_name, functions, device)
    adam = torch.optim.Adam(optimizer.parameters(), lr=0.0)  # full work, but phi stays in place
    tape = Tape(optimizer, task.start().numel(), WINDOW)

    def fast() -> None:
        fast_trajectory(task, optimizer, tape, adam)

    def baseline() -> None:
        literal_trajectory(task, optimizer)

    seconds, baseline_seconds = alternate(fast, baseline, repeats)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh_process:
        peak_mb = fresh_process.submit(peak_memory, task_name, functions, str(device)).result()
    return {
        "work": f"{task_name} x{functions}",
        "seconds": seconds,
        "baseline_seconds": baseline_seconds,
        "ratio": baseline_seconds / (seconds / functions),
        "floor_seconds": operations(optimizer, task.start().numel()) / matrix_rate(device),
        "peak_mb": peak_mb,
    }


def alternate(a: Callable[[], None], b: Callable[[], None], repeats: int) -> tuple[float, float]:
    """The median times of a and b, run in turns so that a slow spell of the machine hits both."""
    times = [], []
    for repeat in range(repeats + 1):  # the first round warms up
        for work, record in zip((a, b), times, strict=True):
            start = time.perf_counter()
            work()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if repeat:
                record.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def peak_memory(task_name: str, functions: int, device: str) -> float | None:
    """The largest resident size, in MB, of this process after one fast trajectory.

    Meant for a fresh process, which has done nothing else. None where the system does not tell.
    """
    task, optimizer = setting(task_name, functions, torch.device(device))
    tape = Tape(optimizer, task.start().numel(), WINDOW)
    fast_trajectory(task, optimizer, tape, torch.optim.Adam(optimizer.parameters()))
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def operations(optimizer: LSTMOptimizer, n: int) -> float:
    """Floating-point operations of the matrix products in one training trajectory.

    Forward once, backward twice as many (for the weights and for what they multiply), except
    that the input of the first layer needs no gradient.
    """
    weights = [weight.numel() for weight in optimizer.parameters() if weight.dim() == 2]
    products = 3 * sum(weights) - optimizer.cells[0].weight_ih.numel()
    return 2.0 * products * n * STEPS


def matrix_rate(device: torch.device, size: int = 1024, repeats: int = 20) -> float:
    """Floating-point operations per second in a product of two large square matrices."""
    a = torch.randn(size, size, device=device)
    seconds, _ = alternate(lambda: a @ a, lambda: None, repeats)
    return 2 * size**3 / seconds


def bench(device: torch.device, repeats: int = 5, progress: bool = True) -> dict:
    """Measure every row of `WORK`.

    Args:
        device: where to run.
        repeats: timed runs of each; medians are reported.
        progress: whether to show a bar.

    Returns:
        ``machine``, ``device``, and ``rows``. In each row one 100-step training trajectory:
        ``seconds`` for all its functions at once, ``baseline_seconds`` for one function in the
        literal loop, ``ratio`` of the two per function, ``floor_seconds`` (the matrix products
        at the measured matrix rate) and ``peak_mb`` of a process that does nothing else.
    """
    rows = [
        measure(task, functions, device, repeats)
        for task, functions in tqdm(WORK, desc="benchmark", disable=not progress)
    ]
    threads = f"{os.cpu_count()} cores, {torch.get_num_threads()} threads"
    machine = f"{platform.system()} {platform.machine()}, {threads}, torch {torch.__version__}"
    return {"machine": machine, "device": describe(device), "rows": rows}
