"""What the exercises call: a room for each, such as `leaf_tensors`.

A check is a dialogue. The answering side runs the student's code and hands back data: tensors,
numbers, text. The examining side draws questions, asks, compares with the reference and reports.
Only data crosses, so that the two sides can run in two processes.

Shared by all exercises:

    answering       a student's code, run whatever it does
    settings        what holds for a whole process, put back after each answer
    processes       as if an answer ran in another process
    wire            what crosses, as text
    examining       criteria, comparisons and the report
    predicting      guesses that are written down before something is run
    suspects        implementations that a student's own test is tried on
    module_answers  what answers about modules are made of
    lstm_answers    what answers about LSTM optimizers are made of
    lstm_questions  what questions about them are made of

In each exercise's room:

    run             the answering side; knows no answer
    predictions     what comes out where a student guesses first, and why
    exam            the examining side: the questions and their points
    others          what a long exam is made of

The way of an answer: the notebook calls `check`, which asks an `exam`; its question goes through
`wire` to `answering` and `run`, which calls the student's function; what that returns goes back
the same way, is compared in the `exam`, and `examining` makes the report.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ..support.errors import InputError

#: In the order of the course.
EXERCISES = (
    "01_leaf_tensors",
    "02_meta_modules",
    "03_lstm_optimizer",
    "04_quadratics",
    "05_mnist",
    "06_meta_resnet",
)

#: A file in each exercise's room: the model answer in words and its rubric. The release's build
#: writes it, and those see it who have all other points.
IN_WORDS = "in_words.md"

#: The same without their numbers: the names of their rooms.
NAMES = tuple(exercise.split("_", 1)[1] for exercise in EXERCISES)


def get_check(name: str):
    """The check of an exercise, by the name of its room: ``get_check("leaf_tensors")``.

    Raises:
        InputError: there is none of that name.
    """
    if name not in NAMES:
        raise InputError(f"there is no exercise {name!r}; the exercises are {', '.join(NAMES)}")
    return import_module(f".{name}.exam", __package__).check


def model_answer(name: str) -> str:
    """The model answer in words, and its rubric, of the exercise of a room."""
    return (Path(__file__).parent / name / IN_WORDS).read_text(encoding="utf-8")


#: Whether this process is examined from outside, as when a notebook is graded. Then it needs no
#: exam, and should have none: an exam brings the reference.
FROM_OUTSIDE = False


def no_check(question: str) -> float:
    """What ``check`` is while a notebook is graded, except where the grader itself asks."""
    print(f"{question}: the grader asks this question from outside, where the notebook asks it")
    return float("nan")


def check_on_demand(room: str) -> Callable:
    """The ``__getattr__`` of an exercise's room, which gives notebooks ``check`` and ``predict``.

    The exam is loaded when somebody asks for it: the answering side lives beside it, and runs in
    kernels that must hold no answer.
    """

    def get(name: str):
        files = {"check": ".exam", "predict": ".predictions"}
        if name == "check" and FROM_OUTSIDE:
            return no_check
        if name not in files:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(files[name], room), name)

    return get
