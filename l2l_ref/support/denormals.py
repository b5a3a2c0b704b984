"""Arithmetic that takes denormal numbers for zero.

Below 1e-38 a float32 loses its leading digits one by one until it is zero, at 1e-45. Many
processors take a hundred times as long over such a *denormal* number, and a training is full of
them where an optimizee has come to rest: a softmax that is sure gives gradients of 1e-40. Nobody
needs their digits.

A processor is told so for each thread. PyTorch's helper threads inherit it from the thread that
starts them, so work goes to a thread that was told before it did anything: then no helper of it has
ever known denormal numbers, and whoever called stays as he was.
"""

import contextlib
import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch

_told = threading.local()


def flush_denormals() -> None:
    """Take denormal numbers for zero from now on, in this thread and in those it will start."""
    torch.set_flush_denormal(True)
    _told.flushes = True


@functools.cache
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "flushes denormals", initializer=flush_denormals)


def _with_threads(threads: int, function: Callable, *arguments, **options):
    """Call a function with as many helper threads as its caller would have."""
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    return function(*arguments, **options)


def flushing(function: Callable) -> Callable:
    """Let a function run in a thread that takes denormal numbers for zero.

    There is one such thread, so two calls never run side by side. A call that is interrupted with
    Ctrl-C ends before the interrupt is passed on: nobody sees what it was about to change.
    """

    @functools.wraps(function)
    def flushed(*arguments, **options):
        if getattr(_told, "flushes", False):
            return function(*arguments, **options)
        threads = torch.get_num_threads()
        call = _worker().submit(_with_threads, threads, function, *arguments, **options)
        try:
            return call.result()
        except KeyboardInterrupt:
            with contextlib.suppress(BaseException):
                call.result()
            raise

    return flushed
