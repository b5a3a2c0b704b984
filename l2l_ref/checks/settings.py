"""What holds for a whole process: put back after each answer, and not an answer's to change."""

import contextlib
import os
import random
import sys
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch


class Setting(NamedTuple):
    """How to read it and how to write it.

    Args:
        read: what is called to read it; a report calls it by this name.
        start: the value that answers start from; None where they start from whatever is there.
        shared: whether an answer must leave it as it was. Generators may be drawn from, unless an
            exercise says otherwise.
    """

    read: Callable
    write: Callable
    start: object = None
    shared: bool = True

    @property
    def name(self) -> str:
        """As a reader would type it; os has its functions from a module of the system."""
        module = self.read.__module__.split(".")[0]
        return f"{'os' if module == os.name else module}.{self.read.__name__}()"


SETTINGS = (
    Setting(torch.get_default_dtype, torch.set_default_dtype, torch.float32),
    Setting(torch.is_grad_enabled, torch.set_grad_enabled, True),
    Setting(torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly, False),
    # use_deterministic_algorithms would do as well, and import torch's compiler, for seconds
    Setting(torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 0),
    Setting(torch.get_num_threads, torch.set_num_threads),
    Setting(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "highest"),
    Setting(
        torch.get_rng_state,
        torch.set_rng_state,
        torch.Generator().manual_seed(0).get_state(),
        shared=False,
    ),
    Setting(np.random.get_state, np.random.set_state, shared=False),
    Setting(random.getstate, random.setstate, shared=False),
    Setting(sys.getrecursionlimit, sys.setrecursionlimit),
    Setting(os.getcwd, os.chdir),
)


@contextlib.contextmanager
def clean_state():
    """Run something with torch as it is when Python starts, and put back what was found."""
    found = [setting.read() for setting in SETTINGS]
    device = default_device()
    try:
        with warnings.catch_warnings(), torch.inference_mode(False):
            warnings.simplefilter("ignore")
            for setting in SETTINGS:
                if setting.start is not None:
                    setting.write(setting.start)
            if device.type != "cpu":
                torch.set_default_device("cpu")
            yield
    finally:
        for setting, value in zip(SETTINGS, found, strict=True):
            setting.write(value)
        if default_device() != device:
            torch.set_default_device(device)


def settings() -> dict[str, object]:
    """What an answer must leave as it finds it, by what a report calls it."""
    found = {setting.name: setting.read() for setting in SETTINGS if setting.shared}
    return found | {"torch.get_default_device()": default_device()}


#: The settings that the answer at hand must leave as they are.
FOUND: dict[str, object] = {}


def put(read: Callable, value: object) -> None:
    """Give a setting, named by how it is read, another value for the answer at hand to find."""
    setting = next(each for each in SETTINGS if each.read is read)
    setting.write(value)
    FOUND[setting.name] = value


def moved(before: dict[str, object]) -> list[str]:
    """Which of some earlier `settings` are not what they were."""
    now = settings()
    return [name for name, value in before.items() if now[name] != value]


def default_device() -> torch.device:
    """``torch.get_default_device``, which raises where a notebook names one that is not there."""
    context = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    return torch.device("cpu") if context is None else context.device
