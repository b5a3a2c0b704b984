"""What the exercises call: one module for each, such as `leaf_tensors`.

A check is a dialogue. The answering side (`answering`, and a module ``NAME_run`` for each
exercise) runs the student's code and hands back data: tensors, numbers, text. The examining side
(`examining`, and the module ``NAME``, with others beside it where an exam is long) draws questions,
asks, compares with the reference and reports. Only data crosses, so that the two sides can run in
two processes.
"""

from importlib import import_module

from ..errors import InputError

#: In the order of the course.
EXERCISES = (
    "01_leaf_tensors",
    "02_meta_modules",
    "03_lstm_optimizer",
    "04_quadratics",
    "05_mnist",
    "06_meta_resnet",
)

#: The same without their numbers: the names of the check modules.
NAMES = tuple(exercise.split("_", 1)[1] for exercise in EXERCISES)


def get_check(name: str):
    """The check of an exercise, by the name of its module: ``get_check("leaf_tensors")``.

    Raises:
        InputError: there is none of that name.
    """
    if name not in NAMES:
        raise InputError(f"there is no exercise {name!r}; the exercises are {', '.join(NAMES)}")
    return import_module(f".{name}", __package__).check
