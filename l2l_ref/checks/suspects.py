"""Implementations, right and wrong, that a test of the student's is tried on.

The answering side makes them from what the exam asks for, and says what the test said. Which of
them are right, only the exam knows.
"""

from collections.abc import Callable, Iterable

import numpy as np
from torch import Tensor

from .answering import NoAnswer, describe


def verdicts(test: Callable[..., object], suspects: Iterable[tuple]) -> list[bool]:
    """What a test says of each suspect.

    Args:
        test: the student's function.
        suspects: for each of them the arguments of the test.

    Raises:
        NoAnswer: it said neither yes nor no.
    """
    return [verdict_from(test(*arguments)) for arguments in suspects]


def verdict_from(value: object) -> bool:
    """A yes or a no.

    Raises:
        NoAnswer: it is something else.
    """
    if isinstance(value, Tensor) and value.numel() == 1 and value.dtype.is_floating_point is False:
        value = value.item()
    if not isinstance(value, bool | np.bool_):
        raise NoAnswer(f"the test returned {describe(value)}", "True or False")
    return bool(value)
