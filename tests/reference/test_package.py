"""What importing the package costs, and what it pulls in."""

import subprocess
import sys

import pytest


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "module",
    ["", ".modules", ".resnet", ".data", ".optimizers", ".tasks", ".unroll", ".training", ".cli"],
)
def test_nothing_slow_is_imported_until_it_is_used(module):
    statement = f"import l2l_ref{module}"
    slow = {"torchvision", "sklearn", "scipy", "matplotlib", "IPython"}
    if module not in (".training", ".cli"):
        slow |= {"typer", "rich"}
    if module in ("", ".cli"):  # `l2l --help` answers at once
        slow |= {"torch"}
    assert not slow & imported_by(statement)


def test_bad_options_are_answered_without_loading_torch():
    result = subprocess.run(
        [sys.executable, "-m", "l2l_ref.cli", "train"], capture_output=True, text=True
    )
    assert result.returncode == 2
    assert "Missing argument" in result.stderr
