"""The answering side: run a student's code, whatever it does, and hand back data.

It knows no expected value and imports no reference. What comes back is a dict of tensors, numbers
and text, or the account of what went wrong.
"""

import contextlib
import ctypes
import io
import os
import sys
import sysconfig
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping
from numbers import Real

import torch
from torch import Tensor

from .settings import FOUND, clean_state, moved, settings
from .wire import NotData, pack, unpack

#: Seconds that one answer may take. The answers of the course need well under one.
TIME_LIMIT = 10.0

#: Times as long as that it may take where the processor is busy with other things.
PATIENCE = 3

#: Seconds that may pass besides, in all, while none of the student's code runs: the check's own,
#: and what is imported or compiled on the way (``torch.optim`` imports a compiler when first used).
BESIDES = 30.0

#: How often the clock looks what is running, in seconds.
TICK = 0.05

#: Characters kept of what an answer prints.
PRINTED = 1000

#: Folders of code that is not the student's: the checks, Python's own, what is installed.
NOT_THEIRS = (os.path.dirname(__file__), *map(sysconfig.get_path, ("stdlib", "purelib", "platlib")))

#: Code that must not be broken off: the process would be left with half of a module.
LOADING = (
    "<frozen importlib",
    *(os.path.join(os.path.dirname(torch.__file__), part) for part in ("_dynamo", "_inductor")),
)


#: What the answer at hand gave besides what was asked for, in words.
too_much: list[str] = []


class NoAnswer(Exception):
    """The student's code gave nothing that can be judged.

    Args:
        came_back: what happened instead.
        expected: what should have come back.
        idea: what to look at again.
    """

    def __init__(self, came_back: str, expected: str = "", idea: str = ""):
        super().__init__(came_back)
        self.came_back, self.expected, self.idea = came_back, expected, idea


#: What to look at when torch refuses, by a part of its message.
ADVICE = {
    "a leaf Variable that requires grad is being used in an in-place operation": (
        "+=, -= and operations that end in an underscore change a tensor in place; make a new one "
        "instead, as in w = w - step"
    ),
    "does not require grad and does not have a grad_fn": (
        "what is differentiated here was computed from constants alone; detach(), .data, item() "
        "and state_dict() give constants, and so does everything under no_grad()"
    ),
    "appears to not have been used in the graph": (
        "the derivative is asked for in a tensor that the result was not computed from; compute it "
        "from that very tensor"
    ),
    "Trying to backward through the graph a second time": (
        "two results share a part of their graph, which the first derivative gave up; compute it "
        "anew, or keep it with retain_graph=True"
    ),
    "has been modified by an inplace operation": (
        "something overwrote a tensor that the graph still needs: +=, an operation that ends in an "
        "underscore, an optimizer's step, or backward() adding to a .grad that was computed with"
    ),
    "has inconsistent": (
        "a cell takes a batch, (n, features), and h and c, (n, hidden), a row for each coordinate: "
        "the first cell has one feature, and each further one those of the cell below"
    ),
    "must be Tensor, not tuple": "a pair went where one tensor goes: an LSTM cell gives (h, c)",
    "must be float, not NoneType": "an argument is None where torch computes with a number: work "
    "the number out first",
    "and 'NoneType'": "a None is computed with: autograd.grad gives one with allow_unused=True "
    "where the result does not depend on a tensor; the .grad of a tensor that is no leaf is None",
    "NoneType": "a None came from somewhere: a missing return, or the .grad of a tensor that is no "
    "leaf",
}


class TimeUp(BaseException):
    """Raised inside the student's code; no ``except Exception`` there catches it."""


def answer_packed(run: Callable, names: Mapping, name: str, asked: str) -> str:
    """Ask the function that has a name in a notebook; see `answer`.

    Args:
        run: of the exercise.
        names: of the notebook.
        name: of the student's function.
        asked: the question, as `wire.pack` writes it.

    Returns:
        The reply, packed. Packed even where both sides share a process, so that a notebook's own
        check and the grader judge the same data.
    """
    reply = answer_by_name(run, names, name, unpack(asked))
    try:
        return pack(reply)
    except NotData as error:
        strange = NoAnswer(f"what cannot be judged: {error}")
        return pack({"failed": vars(strange), "printed": reply["printed"]})


def answer_by_name(run: Callable, names: Mapping, name: str, question: Mapping) -> dict:
    """Ask the function that has a name in a notebook, if there is one; see `answer`."""
    student = names.get(name)
    if callable(student):
        more = {other: names.get(other) for other in getattr(run, "beside", ())}
        return answer(run, student, {**question, **more})
    found = "nothing" if student is None else describe(student)
    missing = NoAnswer(
        f"no function {name}; the notebook has {found} of that name",
        idea=f"run the cell that defines {name}, then this one again",
    )
    return {"failed": vars(missing), "unanswered": True, "printed": ""}


def answer(run: Callable, student: Callable, question: Mapping) -> dict:
    """Ask a student's function one question.

    Args:
        run: of the exercise, a function that calls ``student`` and returns a dict. What it needs
            besides of the notebook, it names in an attribute ``beside``.
        student: the student's function.
        question: the arguments of ``run``, besides ``student``.

    Returns:
        What ``run`` returned, or ``{"failed": {"came_back", "expected", "idea"}}``. In both cases
        with ``"printed"``, the beginning of what the code printed and warned of. ``"timed_out"``
        is there when it took too long, ``"unanswered"`` when nothing was written yet, and
        ``"too_much"`` when there was more in it than asked for.
    """
    printed = Sink()
    too_much.clear()
    with (
        clean_state(),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("default")
        warnings.simplefilter("ignore", ResourceWarning)  # of whatever is collected meanwhile
        FOUND.clear()
        FOUND.update(settings())
        try:
            reply = within(TIME_LIMIT, lambda: run(student, **question))
            if "changed" in reply:
                reply["changed"] = [*dict.fromkeys([*reply["changed"], *moved(FOUND)])]
        except NoAnswer as failure:
            reply = {"failed": vars(failure)}
        except TimeUp:
            slow = NoAnswer(f"nothing within {TIME_LIMIT:g} seconds", "an answer within a second")
            reply = {"failed": vars(slow), "timed_out": True}
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            reply = account_of(error)
    for warning in warned[:3]:
        printed.write(f"\n{warning.category.__name__}: {warning.message}")
    if too_much:
        reply = reply | {"too_much": too_much[0]}
    return reply | {"printed": printed.text}


def account_of(error: BaseException) -> dict:
    """The reply for an answer that raised an error of its own or of torch's."""
    if isinstance(error, NotImplementedError) and not str(error):  # as the released notebook does
        unanswered = NoAnswer("nothing yet: NotImplementedError is still raised")
        return {"failed": vars(unanswered), "unanswered": True}
    advice = next((ADVICE[part] for part in ADVICE if part in str(error)), "")
    return {"failed": vars(NoAnswer(describe_error(error), idea=advice))}


def describe_error(error: BaseException) -> str:
    """What was raised, and where in the student's code."""
    text = f"{type(error).__name__}: {error}".strip().removesuffix(":")
    text = text if len(text) <= 600 else text[:600] + " ..."
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.line and not frame.filename.startswith(NOT_THEIRS)]
    return f"{text}\n(in {own[-1].name}: {own[-1].line})" if own else text


class Sink(io.TextIOBase):
    """A place to print to that keeps the beginning only."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text[: PRINTED - len(self.text)]
        return len(text)


def within(seconds: float, call: Callable):
    """Call something, and raise `TimeUp` inside it when it takes too long.

    A second thread asks Python to raise the exception in this one, which works on every platform
    and in notebooks, for loops in Python; one long call into C is waited for. A loop that swallows
    the exception gets it again and again. On a busy machine, where the process did not get the
    processor for as long, there is up to `PATIENCE` times as much. Time in which none of the
    student's code runs does not count, see `BESIDES`, and nothing is broken off while a module is
    loaded.

    Raises:
        TimeUp: it took longer.
    """
    caller, lock, over = threading.get_ident(), threading.Lock(), threading.Event()

    def watch() -> None:
        clock = Clock(caller, seconds)
        while not over.wait(TICK):
            clock.tick()
            if clock.is_up and not clock.is_loading:
                with lock:
                    if not over.is_set():
                        ctypes.pythonapi.PyThreadState_SetAsyncExc(
                            ctypes.c_ulong(caller), ctypes.py_object(TimeUp)
                        )

    def settle() -> None:
        """Stop the watch, and wait for an exception that is still on its way.

        Python has a call to take it back, which breaks profilers and debuggers (on 3.11).
        """
        quiet = False
        while not quiet:
            with contextlib.suppress(TimeUp):
                with lock:
                    over.set()
                for _ in range(10):
                    time.sleep(0)
                quiet = True

    threading.Thread(target=watch, daemon=True).start()
    try:
        return call()
    finally:
        settle()


class Clock:
    """Looks, tick by tick, what a thread inside `within` is doing, and for how long.

    Args:
        thread: its number.
        seconds: that the student's code may take.
    """

    def __init__(self, thread: int, seconds: float):
        self.thread, self.seconds = thread, seconds
        self.wall = self.processor = self.besides = 0.0
        self.last = time.monotonic(), time.process_time()
        self.is_loading = False

    def tick(self) -> None:
        """Count the time since the last tick for what is running now."""
        now = time.monotonic(), time.process_time()
        wall, processor = (new - old for new, old in zip(now, self.last, strict=True))
        self.last = now
        files = self._files()
        loading = any(file.startswith(LOADING) for file in files)
        theirs = any(not file.startswith((*NOT_THEIRS, "<frozen")) for file in files)
        if (loading or not theirs) and self.besides < BESIDES:
            self.besides += wall
        else:
            self.wall += wall
            self.processor += processor
        self.is_loading = loading and self.besides < BESIDES

    @property
    def is_up(self) -> bool:
        """Whether the student's code has had its time."""
        got_it = min(self.wall, self.processor) >= self.seconds
        return got_it or self.wall >= PATIENCE * self.seconds

    def _files(self) -> list[str]:
        """Of the code that is running, from the innermost call out to `within`."""
        frame, files = sys._current_frames().get(self.thread), []
        while frame is not None and frame.f_code is not within.__code__:
            files.append(frame.f_code.co_filename)
            frame = frame.f_back
        return files


# For the ``run_*`` functions of the exercises


def tensor_from(
    value: object, like: Tensor, what: str, dtype: torch.dtype = torch.float32
) -> Tensor:
    """A copy of a tensor that must have a given shape, without its graph.

    Args:
        value: what came back.
        like: has the shape.
        what: its name in reports.
        dtype: of the copy; float64 where a question is judged to more digits.

    Raises:
        NoAnswer: it is something else.
    """
    expected = f"{what}: a tensor of shape {tuple(like.shape)}"
    if not isinstance(value, Tensor):
        raise NoAnswer(f"{what}: {describe(value)}", expected)
    if value.shape != like.shape or value.is_complex():
        raise NoAnswer(f"{what}: {describe(value)}", expected)
    return value.detach().clone().to(dtype)


def number_from(value: object, what: str) -> Tensor:
    """A number in float64, from a number of Python's or numpy's or a tensor with one entry.

    Raises:
        NoAnswer: it is something else.
    """
    if isinstance(value, Tensor) and value.numel() == 1 and not value.is_complex():
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise NoAnswer(f"{what}: {describe(value)}", f"{what}: a number")
    return torch.tensor(float(value), dtype=torch.float64)


def parts(value: object, *names: str) -> list:
    """What the student's function returned, which must be these things.

    Raises:
        NoAnswer: it is something else.
    """
    if not isinstance(value, tuple | list) or len(value) != len(names):
        found = f"{len(value)} things" if isinstance(value, tuple | list) else describe(value)
        raise NoAnswer(f"{found} came back", f"{len(names)} things: {', '.join(names)}")
    return list(value)


def dict_from(value: object, names: Iterable[str], what: str) -> dict:
    """A dict that must have these names; what else is in it costs one criterion, see `answer`.

    Raises:
        NoAnswer: it is something else, or a name is missing.
    """
    names = list(names)
    expected = f"{what}: a dict with the names {', '.join(names)}"
    if not isinstance(value, Mapping):
        raise NoAnswer(f"{what}: {describe(value)}", expected)
    if missing := [name for name in names if name not in value]:
        found = ", ".join(map(str, value)) or "(none)"
        raise NoAnswer(
            f"{what}: a dict with the names {found}, without {', '.join(missing)}", expected
        )
    if extra := [str(name) for name in value if name not in names]:
        too_much.append(f"{what}: a dict with {', '.join(extra)} besides")
    return {name: value[name] for name in names}


def _signs(numbers: Tensor) -> list[bool]:
    """The signs of zeros: -0.0 equals 0.0, and is another number all the same."""
    if not numbers.is_floating_point():
        return []
    return numbers[numbers == 0].signbit().tolist()


class Kept:
    """Things that a student's function is given, to see afterwards whether they are as they were.

    Args:
        what: their name in reports.
        read: returns a dict of tensors, now and afterwards.
    """

    def __init__(self, what: str, read: Callable[[], Mapping]):
        self.what, self.read = what, read
        self.before = {name: (tensor, *self._facts(tensor)) for name, tensor in read().items()}

    @staticmethod
    def _facts(tensor: Tensor) -> tuple[Tensor, bool, Tensor]:
        """Its numbers, whether it is trainable, and its gradient, empty where there is none."""
        has_grad = tensor.grad_fn is None and tensor.grad is not None
        grad = tensor.grad.detach().clone() if has_grad else torch.empty(0)
        return tensor.detach().clone(), tensor.requires_grad, grad

    def changed(self) -> list[str]:
        """What is no longer as it was, in words."""
        now = self.read()
        if now.keys() != self.before.keys() or any(now[n] is not self.before[n][0] for n in now):
            return [f"{self.what} (other tensors are in it)"]
        found = []
        for name, (tensor, numbers, trainable, grad) in self.before.items():
            numbers_now, trainable_now, grad_now = self._facts(tensor)
            if not torch.equal(numbers, numbers_now) or _signs(numbers) != _signs(numbers_now):
                found.append(name)
            if trainable != trainable_now:
                found.append(f"{name}.requires_grad")
            if not torch.equal(grad, grad_now):
                found.append(f"{name}.grad")
        return found


def all_changed(kept: Iterable[Kept]) -> list[str]:
    """What is no longer as it was, of several things; what is one by name is named once."""
    return list(dict.fromkeys(name for each in kept for name in each.changed()))


def as_leaves(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Trainable copies; a count stays a constant."""
    return {n: t.clone().requires_grad_(t.is_floating_point()) for n, t in tensors.items()}


def doubled(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same in float64; a count stays an integer."""
    return {n: t.double() if t.is_floating_point() else t for n, t in tensors.items()}


def kind_of(tensor: Tensor) -> str:
    """What a tensor is to autograd: "constant", "leaf" or "result"."""
    if not tensor.requires_grad:
        return "constant"
    return "leaf" if tensor.is_leaf else "result"


def derivative(output: Tensor, source: Tensor) -> Tensor | None:
    """d output / d source for a scalar output; None where no graph leads there."""
    if not output.requires_grad:
        return None
    return torch.autograd.grad(output, source, retain_graph=True, allow_unused=True)[0]


def describe(value: object) -> str:
    """What something is, in a few words."""
    if isinstance(value, Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return f"a tensor of shape {tuple(value.shape)} and dtype {dtype}"
    if value is None:
        return "None (is there a return?)"
    try:
        text = repr(value)
    except Exception:
        text = "that cannot be printed"
    return f"{type(value).__name__} {text if len(text) < 80 else text[:77] + '...'}"
