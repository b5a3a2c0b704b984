"""Arithmetic that takes denormal numbers for zero.

Below 1e-38 a float32 loses its leading digits one by one until it is zero, at 1e-45. Many
processors take a hundred times as long over such a *denormal* number, and a training is full of
them where an optimizee has come to rest: a softmax that is sure gives gradients of 1e-40. Nobody
needs their digits.

A processor is told so for each thread, and PyTorch tells only the one that asks. Its helper threads
are those of OpenMP, whose ``GOMP_parallel`` runs a function in each of them. (A thread of our own,
told before it has helpers, would need no such call. But OpenMP then counts more threads than there
are cores and puts them to sleep after every operation: training takes twice as long.)
"""

import contextlib
import ctypes
import functools
import signal
import threading
from collections.abc import Callable, Iterator

import torch

from .interrupts import requests_to_end

_here = threading.local()


def flush_denormals(flush: bool = True) -> None:
    """Take denormal numbers for zero from now on, or no more: in this thread and its helpers.

    Where OpenMP is not to be found (on Windows), the helpers that there are stay as they were.
    """
    torch.set_flush_denormal(flush)
    try:
        in_each_thread = ctypes.CDLL(None).GOMP_parallel
    except (AttributeError, OSError, TypeError):
        return
    tell = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: torch.set_flush_denormal(flush))
    in_each_thread(tell, None, torch.get_num_threads(), 0)


def flushing(function: Callable) -> Callable:
    """Let a function take denormal numbers for zero; afterwards all is as before.

    A call that is interrupted with Ctrl-C, or asked to end, ends before the interrupt is passed on:
    nobody sees what it was about to change.
    """

    @functools.wraps(function)
    def flushed(*arguments, **options):
        if getattr(_here, "flushing", False):
            return function(*arguments, **options)
        before = _flushes()
        with _interrupts_afterwards():
            flush_denormals()
            _here.flushing = True
            try:
                return function(*arguments, **options)
            finally:
                _here.flushing = False
                flush_denormals(before)

    return flushed


def _flushes() -> bool:
    """Whether this thread takes denormal numbers for zero."""
    return bool(torch.tensor(1e-30) * torch.tensor(1e-10) == 0)


@contextlib.contextmanager
def _interrupts_afterwards() -> Iterator[None]:
    """Hold back the signals that end a program; only the main thread gets them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []
    handlers = {
        number: signal.getsignal(number)
        for number in requests_to_end()
        if callable(signal.getsignal(number))
    }
    for number in handlers:
        signal.signal(number, lambda *details: came.append(details))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            handlers[came[0][0]](*came[0])
