"""The packages that only some commands need."""

from importlib import import_module
from pathlib import Path

import l2l_ref

from .errors import InputError


def need(extra: str, *modules: str) -> None:
    """Notice at once that a command's packages are not installed.

    Args:
        extra: of ``pyproject.toml``, which brings the modules.
        modules: what the command imports.

    Raises:
        InputError: one of them is missing; says what to install.
    """
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            raise InputError(
                f"this command needs {error.name}, which is not installed; "
                f"install it with: {pip_line(extra)}"
            ) from None


def pip_line(extra: str) -> str:
    """The command that installs an extra, from the checkout where there is one."""
    checkout = Path(l2l_ref.__file__).parents[1]
    if (checkout / "pyproject.toml").is_file():
        return f'pip install -e "{checkout}[{extra}]"'
    return f'pip install "l2l-course[{extra}]"'
