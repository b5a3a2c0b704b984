"""Implementations, right and wrong, that a test of the student's is tried on.

The answering side makes them from what the exam asks for, and says what the test said. Which of
them are right, only the exam knows.
"""

from collections.abc import Callable

import numpy as np
from torch import Tensor

from .answering import NoAnswer, describe, describe_error


def said_of(read: Callable[[object], object], test: Callable, *arguments: object) -> object:
    """What a test says of one suspect, or the error that it raised there, in words.

    So a report can say at which suspect that was, and the others are judged all the same.

    Args:
        read: takes the verdict out of what the test returned, such as `verdict_from`.
        test: the student's function, called with the arguments.

    Raises:
        NoAnswer: it said nothing that is a verdict.
    """
    try:
        value = test(*arguments)
    except (NotImplementedError, NoAnswer):
        raise
    except Exception as error:
        return describe_error(error)
    return read(value)


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
