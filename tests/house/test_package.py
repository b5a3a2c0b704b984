"""What importing the package costs, and what it pulls in."""

import subprocess
import sys

#: In this order, what each may load for the first time beside what those before it have loaded.
SLOW = {"torch", "torchvision", "sklearn", "scipy", "matplotlib", "IPython", "typer", "rich"}
MAY_LOAD = {
    "l2l_ref": set(),
    "l2l_ref.checks": set(),
    "l2l_ref.grading.release.start": set(),
    "l2l_ref.cli": {"typer", "rich"},  # `l2l --help` answers at once
    "l2l_ref.data": {"torch"},
    "l2l_ref.modules": set(),
    "l2l_ref.resnet": set(),
    "l2l_ref.optimizers": set(),
    "l2l_ref.tasks": set(),
    "l2l_ref.unroll": set(),
    "l2l_ref.training": set(),
}

CODE = """
import importlib, sys
for module in sys.argv[1:]:
    importlib.import_module(module)
    print(module, *sys.modules)
"""


def test_nothing_slow_is_imported_until_it_is_used():
    """All in one process, since each of its own would import torch again."""
    result = subprocess.run(
        [sys.executable, "-c", CODE, *MAY_LOAD], capture_output=True, text=True, check=True
    )
    allowed = set()
    for line, (module, may_load) in zip(result.stdout.splitlines(), MAY_LOAD.items(), strict=True):
        allowed |= may_load
        name, *loaded = line.split()
        assert name == module
        assert SLOW & set(loaded) <= allowed, module


def test_bad_options_are_answered_without_loading_torch():
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "l2l_ref.cli", "train"],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2
    assert "Missing argument" in result.stderr
    assert " torch\n" not in result.stderr
