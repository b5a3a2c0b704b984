"""The examining side: draw questions, ask, compare, report.

An exam is a function ``exam(generator, ask, report)``. It asks as often as it likes,
``ask(g=...)`` returns what the answering side found, and it judges criterion by criterion. What is
asked shows in the report, except arguments whose name begins with ``probe``, the check's own:

    with report.criterion("the values follow the rule", points=1):
        reply = ask(g=g)
        close(reply["update"], expected, given=f"the gradient {show(g)}", idea="...")

A criterion that is left by `Lost` (or because there was no answer) earns nothing and carries the
reason; the next one is judged all the same.
"""

import contextlib
import copy
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from ..support.errors import InputError
from ..support.randomness import generator
from .answering import answer_packed
from .settings import clean_state
from .wire import pack, unpack

#: Two tensors agree when no entry differs by more than this share of the largest expected entry.
#: Rounding in float32 stays a factor of ten below it; tests/graders prints both.
TOLERANCE = 1e-4

#: Standard deviations that a statistic may be off: chance does that once in half a billion.
SIGMAS = 6

#: Characters of a text of a message, and of a name in it; names that are told of many. What comes
#: back may be forged, and a message is stored with each criterion that it costs.
TEXT, NAME, NAMES = 2000, 200, 4


class Lost(Exception):
    """A criterion is not met. Of each text, the first `TEXT` characters are kept.

    Args:
        came_back: what the answer gave.
        expected: what it should have given.
        given: what it was given.
        idea: what to look at again.
    """

    def __init__(self, came_back: str, expected: str = "", given: str = "", idea: str = ""):
        super().__init__(cut(came_back, TEXT))
        self.given = cut(given, TEXT)
        found = {"came back": came_back, "expected": expected, "look at": idea}
        self.found = {name: cut(text, TEXT) for name, text in found.items()}

    def __str__(self) -> str:
        rows = [(name, text) for name, text in ({"given": self.given} | self.found).items() if text]
        return "\n".join(_indent(f"{name:11}", text) for name, text in rows)


class Failed(Lost):
    """The answer failed before it could be judged."""

    #: Whether there was one.
    answered = True


def cut(text: str, most: int) -> str:
    """So many characters of a text, and dots for the rest."""
    return text if len(text) <= most else f"{text[:most]} ..."


def _indent(head: str, text: str) -> str:
    """The text beside its head, folded."""
    rest = " " * len(head)
    lines = [wrapped for line in text.splitlines() for wrapped in textwrap.wrap(line, 66) or [""]]
    return "\n".join((head if k == 0 else rest) + line for k, line in enumerate(lines))


def _inset(text: str) -> str:
    return textwrap.indent(text, "      ")


@dataclass
class Criterion:
    """One thing that is judged.

    Args:
        title: what it asks for.
        out_of: its points.
        lost: why they are not earned; None when they are.
    """

    title: str
    out_of: int | float
    lost: Lost | None = None

    @property
    def points(self) -> int | float:
        """What was earned: all or nothing."""
        return 0 if self.lost else self.out_of

    @property
    def message(self) -> str:
        """Why points are lost."""
        return str(self.lost or "")

    def to_json(self) -> dict:
        """The criterion as plain data."""
        return {name: getattr(self, name) for name in ("title", "points", "out_of", "message")}


@dataclass
class Report:
    """The outcome of one question."""

    exercise: str
    version: str
    question: str
    criteria: list[Criterion] = field(default_factory=list)
    printed: str = ""
    too_much: str = ""

    @property
    def points(self) -> float:
        """What was earned."""
        return round(float(sum(criterion.points for criterion in self.criteria)), 2)

    @property
    def out_of(self) -> float:
        """What can be earned."""
        return round(float(sum(criterion.out_of for criterion in self.criteria)), 2)

    @contextlib.contextmanager
    def criterion(self, title: str, points: int | float):
        """Judge one criterion: leaving the block without an exception earns its points."""
        judged = Criterion(title, points)
        self.criteria.append(judged)
        unnoticed = not self.too_much
        try:
            yield
            if unnoticed and self.too_much:  # costs the criterion that meets it first, and no other
                raise Lost(self.too_much, "nothing besides what is asked for")
        except Lost as lost:
            judged.lost = lost
        except BaseException:  # not judged to its end, so not earned
            judged.lost = Lost("the examination broke off")
            raise

    def __str__(self) -> str:
        lines = [f"{self.question}: {self.points:g} of {self.out_of:g} points"]
        reasons = [criterion.lost.found for criterion in self.criteria if criterion.lost]
        if len(reasons) == len(self.criteria) and all(each == reasons[0] for each in reasons):
            lines.append(_inset(self.criteria[0].message))
        else:
            lines += self._criteria_lines()
        if self.printed and self.points < self.out_of:
            lines += ["  your code printed, to begin with:", _inset(self.printed)]
        return "\n".join(lines)

    def _criteria_lines(self) -> list[str]:
        """Each criterion with the reason for its loss; a reason that was given is referred to."""
        lines = []
        for nth, criterion in enumerate(self.criteria):
            mark = "--" if criterion.lost else "ok"
            earned = f"{criterion.points:g} of {criterion.out_of:g}"
            lines.append(f"  {mark} {criterion.title} ({earned})")
            if not criterion.lost:
                continue
            before = (
                c for c in self.criteria[:nth] if c.lost and c.lost.found == criterion.lost.found
            )
            same = next(before, None)
            lines.append(_inset(f'as for "{same.title}"' if same else criterion.message))
        return lines

    def to_json(self) -> dict:
        """The report as plain data."""
        return {
            "exercise": self.exercise,
            "version": self.version,
            "question": self.question,
            "points": self.points,
            "out_of": self.out_of,
            "criteria": [criterion.to_json() for criterion in self.criteria],
        }


@dataclass(frozen=True)
class Question:
    """One question of an exercise, answered by a function of that name.

    Args:
        points: all its criteria together.
        exam: judges it, see the module's docstring.
        run: the answering side: calls the student's function and returns a dict.
    """

    points: int | float
    exam: Callable
    run: Callable


class Check:
    """What a notebook calls: ``check("sgd_step")``.

    Args:
        exercise: its name.
        version: changes when the points of some answer change.
        questions: by the name of the function that answers it.
    """

    def __init__(self, exercise: str, version: str, questions: Mapping[str, Question]):
        self.exercise, self.version, self.questions = exercise, version, dict(questions)

    @property
    def points(self) -> dict[str, float]:
        """What each question is worth."""
        return {name: float(question.points) for name, question in self.questions.items()}

    def __call__(self, question: str) -> float:
        """Examine the notebook's answer, print the report, return the points.

        Raises:
            InputError: the exercise has no such question.
        """
        report = self.examine(question, _notebook())
        print(report)
        return report.points

    def examine(self, question: str, namespace: Mapping, seed: int | str = 0) -> Report:
        """Judge the answer to a question.

        Args:
            question: the name of the function that answers it.
            namespace: where that function is looked up.
            seed: of the questions that are drawn.

        Raises:
            InputError: the exercise has no such question.
        """
        report = self.report(question)
        self.judge(report, partial(_answer_here, namespace), seed)
        return report

    def report(self, question: str) -> Report:
        """An empty report on a question.

        Raises:
            InputError: the exercise has no such question.
        """
        if question not in self.questions:
            known = ", ".join(self.questions)
            raise InputError(f"{self.exercise} has no question {question!r}; there are {known}")
        return Report(self.exercise, self.version, question)

    def judge(self, report: Report, put: Callable, seed: int | str) -> None:
        """Judge the answer to a report's question, wherever it is answered, and fill the report.

        Args:
            report: what is found goes here, criterion by criterion.
            put: puts a question to the answer: ``put(run, question, asked)`` returns what
                `answering.answer` does.
            seed: of the questions that are drawn.
        """
        question = report.question
        ask = self._asker(question, put, report)
        with clean_state():
            self.questions[question].exam(generator(seed, self.exercise, question), ask, report)

    def _asker(self, question: str, put: Callable, report: Report) -> Callable:
        """The function ``ask`` of an exam; whatever cannot be judged leaves it as `Lost`."""
        timed_out: list[Lost] = []  # once is enough

        def ask(**asked) -> dict:
            if timed_out:
                raise timed_out[0]
            reply = put(self.questions[question].run, question, asked)
            report.printed = report.printed or reply["printed"].strip()
            report.too_much = report.too_much or str(reply.get("too_much", ""))
            if "failed" not in reply:
                return reply
            answered = "unanswered" not in reply
            given = describe_question(asked) if answered else ""
            lost = Failed(**reply["failed"], given=given)
            lost.answered = answered
            if "timed_out" in reply:
                timed_out.append(lost)
            raise lost

        return ask


def _answer_here(namespace: Mapping, run: Callable, question: str, asked: Mapping) -> dict:
    """Put a question to a function of this very process."""
    return unpack(answer_packed(run, namespace, question, pack(asked)))


def _notebook() -> Mapping:
    """The names of the notebook, or of the script that is being run."""
    import __main__

    return vars(__main__)


def describe_question(asked: Mapping) -> str:
    """What the student's function was called with, in a line."""
    parts = []
    for name, value in asked.items():
        if name.startswith("probe"):
            continue  # the check's own
        if isinstance(value, Tensor):
            parts.append(f"{name} = {show(value)}")
        elif isinstance(value, Mapping):
            inside = ", ".join(f"{key} {tuple(v.shape)}" for key, v in value.items())
            parts.append(f"{name}: {inside}")
        elif isinstance(value, str | int | float):
            parts.append(f"{name} = {value!r}")
    return "; ".join(parts)


def told(ask: Callable, asked: dict, given: str) -> dict:
    """Ask. An answer that fails is told what it was given in the words of an answer that is wrong.

    Raises:
        Lost: there was no answer.
    """
    try:
        return ask(**asked)
    except Failed as failed:
        again = copy.copy(failed)  # the same one may belong to the criterion before as well
        again.given = given if failed.answered else ""
        raise again from None


def show(value: Tensor | float) -> str:
    """A tensor in a few characters: small ones in full, large ones by their shape."""
    if not isinstance(value, Tensor):
        return f"{value:.5g}"
    if value.numel() > 4:
        first = ", ".join(f"{v:.4g}" for v in value.flatten()[:3].tolist())
        return f"[{first}, ...] of shape {tuple(value.shape)}"
    numbers = ", ".join(f"{v:.5g}" for v in value.flatten().tolist())
    return numbers if value.ndim == 0 else f"[{numbers}]"


@dataclass(frozen=True)
class Suspect:
    """An implementation that a student's test is tried on; see `suspects`.

    Args:
        asked: what the answering side makes it from.
        wrong: what is wrong with it, in words; empty if it is right.
        form: what is unusual about one that is right, in words.
        idea: what to look at where this one is misjudged; empty if what is said anyway will do.
    """

    asked: object
    wrong: str = ""
    form: str = ""
    idea: str = ""


def must_tell(
    said: Sequence[bool | str], suspects: Sequence[Suspect], given: str, idea: str
) -> None:
    """A test must say yes to what is right and no to what is wrong.

    Args:
        said: for each suspect yes, no, or the error that the test has raised, in words.

    Raises:
        Lost: it has misjudged one; the first is shown.
    """
    for says, suspect in zip(said, suspects, strict=True):
        look = suspect.idea or idea
        form = f": {suspect.form}" if suspect.form else ""
        if isinstance(says, str):
            about = f"a wrong one: {suspect.wrong}" if suspect.wrong else f"a right one{form}"
            raise Lost(says, "a verdict", f"{given}; here {about}", look)
        if says and suspect.wrong:
            found = f"a wrong one was called right: {suspect.wrong}"
            raise Lost(found, "found to be wrong", given, look)
        if not says and not suspect.wrong:
            raise Lost(f"a right one was called wrong{form}", "called right", given, look)


#: What to look at where an answer has changed what holds for all of torch.
FOR_ALL = "torch.set_default_dtype() and the like hold for all code that runs afterwards"


def must_be_kept(changed: list[str], given: str, idea: str) -> None:
    """What the function was given must be as it was.

    Args:
        changed: the names of what is not; the first of many are told, and a number.

    Raises:
        Lost: something has changed.
    """
    if changed:
        names = [cut(name, NAME) for name in changed[:NAMES]]
        names += [f"and {len(changed) - NAMES:,} more"] if len(changed) > NAMES else []
        raise Lost(f"changed: {', '.join(names)}", "everything given is as it was", given, idea)


def close(
    got: Tensor | None,
    expected: Tensor,
    *,
    what: str,
    given: str = "",
    idea: str = "",
    tolerance: float = TOLERANCE,
    scale: float = 0.0,
) -> None:
    """Compare a tensor that came back with the expected one.

    Args:
        got: None stands for "no graph leads there".
        expected: computed in float64.
        what: the name of the quantity.
        given: what the answer was given.
        idea: what to look at when they differ.
        tolerance: how far they may differ, as a share of the largest expected entry.
        scale: what it is a share of, if that is more. A sum of terms that cancel is small, and
            its rounding is that of the terms.

    Raises:
        Lost: they differ.
    """
    if got is None:
        raise Lost(f"{what}: none, no graph leads there", f"{what}: {show(expected)}", given, idea)
    if error(got, expected, scale) > tolerance:
        if show(got) == show(expected):  # the entries that are shown agree
            off = (got.double() - expected.double()).abs().flatten()
            worst = int(off.nan_to_num(nan=torch.inf).argmax())
            what = f"{what}, number {worst} of {len(off)}"
            got, expected = got.flatten()[worst], expected.flatten()[worst]
        raise Lost(f"{what}: {show(got)}", f"{what}: {show(expected)}", given, idea)


def recognise(got: Mapping, mistakes: Mapping[str, Mapping], idea: str) -> str:
    """What to say about tensors that came back, by name.

    Args:
        got: what came back; None stands for "no graph leads there".
        mistakes: for each thing to say the tensors that a known mistake gives.
        idea: what to say when they are not those of any known mistake.
    """
    for say, wrong in mistakes.items():
        if all(got[n] is not None and error(got[n], wrong[n]) <= TOLERANCE for n in wrong):
            return say
    return idea


def error(got: Tensor, expected: Tensor, scale: float = 0.0) -> float:
    """The largest difference, as a share of the largest expected entry; infinite for NaN.

    Infinite, too, for another shape: a reply may be forged, and broadcasting would fit it.
    """
    if got.shape != expected.shape:
        return float("inf")
    difference = (got.double() - expected.double()).abs().max()
    scale = expected.double().abs().max().clamp(min=max(scale, 1e-12))
    return float(torch.nan_to_num(difference / scale, nan=torch.inf))


# Random questions


def normal(shapes: dict[str, tuple], generator: torch.Generator) -> dict[str, Tensor]:
    """Random tensors of these shapes."""
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def whole(low: int, high: int, generator: torch.Generator) -> int:
    """A whole number from low to high."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def shuffled(things: Sequence, generator: torch.Generator) -> list:
    """The same things in random order."""
    return [things[k] for k in torch.randperm(len(things), generator=generator).tolist()]


def seed_from(generator: torch.Generator) -> int:
    """A seed for a generator on the other side."""
    return int(torch.randint(2**40, (), generator=generator))


def rate_near(value: float, generator: torch.Generator) -> Tensor:
    """A rate from half the value to one and a half times."""
    return value * (0.5 + torch.rand((), generator=generator))
