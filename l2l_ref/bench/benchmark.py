"""How fast training is, beside the literal loop of the original and JAX, measured in one run."""

import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from .. import evaluation
from ..minimizers import learned
from ..optim import LearnedOptimizer
from ..optimizers import LSTMOptimizer
from ..support.denormals import flushing
from ..support.provenance import describe
from ..support.randomness import generator
from ..tape import Tape
from ..tasks import Task, get_sampler
from ..training import Preset, Training
from ..unroll import CapturedWindow, Window, begin, fastest_window, meta_gradient, unroll
from . import literal

#: What is measured beside the literal loop: a task and how many functions are trained on at once.
WORK = (("quadratics", 1), ("quadratics", 128), ("digits", 1), ("digits", 8), ("mnist", 1))
STEPS, WINDOW = 100, 20

#: How many functions an evaluation is timed on; the time is given for one.
EVALUATED = {"quadratics": 1000, "digits": 20, "mnist": 20}

#: How the cost grows, on each kind of device: a task, functions at once, updates in a window.
GROWTH = {
    "cpu": (
        *(("digits", functions, WINDOW) for functions in (1, 2, 4, 8)),  # with functions
        *(("digits", 4, window) for window in (5, 10, 50)),  # with the window
        *((task, 1, WINDOW) for task in ("digits-40", "mnist", "mnist-40")),  # with coordinates
        ("mnist", 2, WINDOW),
    ),
    "cuda": (
        *(("quadratics", functions, WINDOW) for functions in (1, 128, 1024, 8192)),
        *(("mnist", functions, WINDOW) for functions in (1, 4, 16, 64)),
        *(("mnist", 4, window) for window in (5, 10, 50)),
        *((task, 4, WINDOW) for task in ("digits", "mnist-40")),
    ),
}


#: Weights of a network on which one step of a trained optimizer is timed beside one of Adam.
WEIGHTS = (10_000, 1_000_000)

#: A training full of denormal numbers. Its updates are so long that hidden units saturate, which
#: makes their gradients tiny, and denormal what the optimizer computes from them.
SATURATED = "mnist"
SATURATING = Preset(1, functions=1, optimizer={"preprocess": True, "output_scale": 0.3})


def setting(task: str, functions: int, device: torch.device) -> tuple[Task, LSTMOptimizer]:
    """The functions and the untrained optimizer of one row."""
    sampled = get_sampler(task)(functions, generator(0, "benchmark"), "train", device)
    return sampled, LSTMOptimizer(preprocess=task != "quadratics").to(device)


def fast_trajectory(task: Task, optimizer: LSTMOptimizer, window: Window, adam) -> None:
    """One training trajectory as `training` runs it."""
    run = begin(task, optimizer)
    while run.step < STEPS:
        _, gradients, run = window(run)
        step(adam, optimizer, gradients)


def fast_window(task: Task, optimizer: LSTMOptimizer, length: int = WINDOW) -> Window:
    """The window that such a trajectory is made of."""
    run = begin(task, optimizer)
    return fastest_window(Tape(optimizer, run.theta.numel(), length), run)


def graph_trajectory(task: Task, optimizer: LSTMOptimizer, adam) -> None:
    """One training trajectory by the definition: autograd walks the graph of each window."""
    run = begin(task, optimizer)
    for _ in range(STEPS // WINDOW):
        losses, run = unroll(optimizer, run, WINDOW)
        meta_loss = losses.sum(0).mean()
        step(adam, optimizer, torch.autograd.grad(meta_loss, list(optimizer.parameters())))


def jax_trajectory(task: Task, optimizer: LSTMOptimizer) -> list[Callable[[], None]]:
    """One training trajectory in JAX; none where it is not installed, or not for this device."""
    if find_spec("jax") is None:
        return []
    from .jax_twin import Twin, runs_on

    if not runs_on(task.start().device):
        return []
    twin = Twin(task, optimizer, WINDOW)
    return [lambda: list(twin.trajectory(STEPS))]


def step(adam: torch.optim.Optimizer, optimizer: LSTMOptimizer, gradients: Iterable[Tensor]):
    """Hand Adam a meta-gradient."""
    for weight, gradient in zip(optimizer.parameters(), gradients, strict=True):
        weight.grad = gradient
    adam.step()


def literal_trajectory(task: Task, optimizer: LSTMOptimizer) -> None:
    """One training trajectory of the task's first function as the original runs it."""
    network = literal.LiteralOptimizer(optimizer)
    adam = torch.optim.Adam(network.parameters(), lr=0.0)
    optimizee, loss_of = literal.optimizee_of(task)
    literal.run(network, optimizee, loss_of, optimizer.output_scale, STEPS, WINDOW, adam)


@flushing
def measure(task_name: str, functions: int, device: torch.device, repeats: int) -> dict:
    """One row of the table: training beside the literal loop, the graph, and evaluation."""
    task, optimizer = setting(task_name, functions, device)
    adam = torch.optim.Adam(optimizer.parameters(), lr=0.0)  # full work, but phi stays in place
    window = fast_window(task, optimizer)
    in_jax = jax_trajectory(task, optimizer)
    sampler, count = get_sampler(task_name), EVALUATED[task_name]
    fresh = list(evaluation.draw(sampler, count, 0, "benchmark", "report", device))
    seconds, baseline_seconds, graph_seconds, evaluation_seconds, *jax_seconds = alternate(
        repeats,
        lambda: fast_trajectory(task, optimizer, window, adam),
        lambda: literal_trajectory(task, optimizer),
        lambda: graph_trajectory(task, optimizer, adam),
        lambda: evaluation.measure(learned(optimizer), iter(fresh), STEPS),
        *in_jax,
    )
    floor_seconds = operations(optimizer, task.start().numel()) / matrix_rate(device)
    return {
        "work": f"{task_name} x{functions}",
        "captured": isinstance(window, CapturedWindow),
        "seconds": seconds,
        "baseline_seconds": baseline_seconds,
        "ratio": baseline_seconds / (seconds / functions),
        "floor_seconds": floor_seconds,
        "over_floor": seconds / floor_seconds,
        "peak_mb": peak_of(task_name, functions, device),
        "graph_seconds": graph_seconds,
        "evaluation_seconds": evaluation_seconds / count,
        "jax_seconds": jax_seconds[0] if in_jax else None,
        "over_jax": seconds / jax_seconds[0] if in_jax else None,
    }


@flushing
def grow(task_name: str, functions: int, window: int, device: torch.device, repeats: int) -> dict:
    """One row of the second table: training alone, at another size."""
    task, optimizer = setting(task_name, functions, device)
    adam = torch.optim.Adam(optimizer.parameters(), lr=0.0)
    fast = fast_window(task, optimizer, window)
    captured = isinstance(fast, CapturedWindow)
    ways = [fast, partial(meta_gradient, fast.tape)] if captured else [fast]
    seconds, *eager_seconds = alternate(
        repeats, *(partial(fast_trajectory, task, optimizer, way, adam) for way in ways)
    )
    floor_seconds = operations(optimizer, task.start().numel()) / matrix_rate(device)
    return {
        "work": f"{task_name} x{functions}",
        "window": window,
        "coordinates": task.start().numel(),
        "captured": captured,
        "seconds": seconds,
        "eager_seconds": eager_seconds[0] if captured else seconds,
        "trajectories_per_second": functions / seconds,
        "floor_seconds": floor_seconds,
        "over_floor": seconds / floor_seconds,
    }


def in_place_of_adam(weights: int, device: torch.device, repeats: int) -> dict:
    """One row by itself: a step of `LearnedOptimizer` beside one of torch's Adam."""
    ours, _ = ten_steps(LearnedOptimizer, weights, device)
    adams, _ = ten_steps(torch.optim.Adam, weights, device)
    seconds, adam_seconds = alternate(repeats, ours, adams)
    return {
        "weights": weights,
        "seconds": seconds / 10,
        "adam_seconds": adam_seconds / 10,
        "ratio": seconds / adam_seconds,
    }


def ten_steps(make: Callable, weights: int, device: torch.device) -> tuple[Callable, list[Tensor]]:
    """Ten steps of an optimizer on so many weights, in ten tensors; and those."""
    tensors = [torch.zeros(weights // 10, device=device).requires_grad_() for _ in range(10)]
    for tensor in tensors:
        tensor.grad = torch.randn_like(tensor)
    optimizer = make(tensors)

    def steps() -> None:
        for _ in range(10):
            optimizer.step()

    return steps, tensors


def with_denormals(device: torch.device, repeats: int) -> dict:
    """One row by itself: a training full of denormal numbers, as it runs and without the flush."""

    def train(on_one_batch: Callable[[Training], None]) -> None:
        on_one_batch(Training(get_sampler(SATURATED), SATURATING, device=device))

    slow = Training.train_on_one_batch.__wrapped__  # in this thread, which knows such numbers
    seconds, unflushed_seconds = alternate(
        repeats, lambda: train(Training.train_on_one_batch), lambda: train(slow)
    )
    return {
        "work": f"{SATURATED} x1, saturated",
        "seconds": seconds,
        "unflushed_seconds": unflushed_seconds,
        "ratio": unflushed_seconds / seconds,
    }


def alternate(repeats: int, *works: Callable[[], None]) -> list[float]:
    """The median time of each work; they run in turns, so that a slow spell hits all of them."""
    times = [[] for _ in works]
    for repeat in range(repeats + 1):  # the first round warms up
        for work, record in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if repeat:
                record.append(time.perf_counter() - start)
    return [statistics.median(record) for record in times]


def peak_of(task_name: str, functions: int, device: torch.device) -> float | None:
    """`peak_memory` of a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh_process:
        return fresh_process.submit(peak_memory, task_name, functions, str(device)).result()


def peak_memory(task_name: str, functions: int, device: str) -> float | None:
    """The most memory, in MB, that one fast trajectory needed: of the card, or of this process.

    Meant for a fresh process, which has done nothing else. None where the system does not tell.
    """
    task, optimizer = setting(task_name, functions, torch.device(device))
    window, adam = fast_window(task, optimizer), torch.optim.Adam(optimizer.parameters())
    fast_trajectory(task, optimizer, window, adam)
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated() / 2**20
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count the parent's size too, from before the exec
        peak = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        return int(peak[1]) / 2**10
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
    (seconds,) = alternate(repeats, lambda: a @ a)
    return 2 * size**3 / seconds


def bench(
    device: torch.device, repeats: int = 5, progress: bool = True, only: str | None = None
) -> dict:
    """Measure every row of `WORK` and of `GROWTH`.

    Args:
        device: where to run.
        repeats: timed runs of each; medians are reported.
        progress: whether to show a bar.
        only: leave out the rows of other tasks than this one.

    Returns:
        ``machine``, ``device`` and four tables, each of one 100-step training trajectory or of what
        is named. ``rows``: ``seconds`` for all functions at once, and whether the windows were
        ``captured`` as CUDA graphs; ``baseline_seconds`` for one function in the literal loop and
        ``ratio`` of the two per function; ``floor_seconds``, the matrix products at the measured
        matrix rate, and how many times that is needed; ``peak_mb`` of a process that does nothing
        else, on a GPU of the card; ``graph_seconds`` for the same by `unroll` and autograd;
        ``evaluation_seconds`` for 100 steps on one function where many are evaluated;
        ``jax_seconds`` for the same training in JAX, compiled before, and ``over_jax``, the ratio,
        None where JAX is not installed for this device. ``growth``:
        training alone, with other numbers of functions, coordinates and updates in a window;
        ``eager_seconds`` without CUDA graphs. ``denormals``: a training full of denormal numbers,
        ``seconds`` as it runs, ``unflushed_seconds`` without what `support.denormals` does; None
        where ``only`` leaves it out. ``steps``: one step of `LearnedOptimizer` on so many weights,
        ``adam_seconds`` for torch's Adam on the same ones, and the ratio.
    """
    work = [row for row in WORK if only in (None, row[0])]
    growth = [row for row in GROWTH[device.type] if only in (None, row[0])]
    with_flush = only in (None, SATURATED)
    with tqdm(
        total=len(work) + len(growth) + with_flush, desc="benchmark", disable=not progress
    ) as bar:

        def counted(row: dict) -> dict:
            bar.update()
            return row

        rows = [counted(measure(task, functions, device, repeats)) for task, functions in work]
        growth = [counted(grow(*size, device, repeats)) for size in growth]
        denormals = counted(with_denormals(device, repeats)) if with_flush else None
        steps = [counted(in_place_of_adam(weights, device, repeats)) for weights in WEIGHTS]
    threads = f"{os.cpu_count()} cores, {torch.get_num_threads()} threads"
    machine = f"{platform.system()} {platform.machine()}, {threads}, torch {torch.__version__}"
    return {
        "machine": machine,
        "device": describe(device),
        "rows": rows,
        "growth": growth,
        "denormals": denormals,
        "steps": steps,
    }
