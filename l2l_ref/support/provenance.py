"""Where a stored result comes from."""

import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

import torch

from .errors import InputError


def provenance(seed: int, device: torch.device) -> dict:
    """What it takes to make a result again, and when it was made."""
    program = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else "python"
    return {
        "command": shlex.join([program, *sys.argv[1:]]),
        "seed": seed,
        "device": describe(device),
        "threads": torch.get_num_threads(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
    }


def describe(device: torch.device) -> str:
    """The kind of device, with the card's name where there is one."""
    return f"cuda ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else "cpu"


def get_device(name: str | torch.device) -> torch.device:
    """The device for ``auto``, ``cpu`` or ``cuda``; one of torch's own goes through.

    Raises:
        InputError: a GPU is asked for where there is none, or there is no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or (isinstance(name, str) and device.type not in ("cpu", "cuda")):
        raise InputError(f"there is no device {name!r}; it must be auto, cpu or cuda")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"--device {name}: torch finds no GPU here; use --device cpu, or auto")
    return device
