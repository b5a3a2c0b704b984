"""A notebook on its way through a kernel, examined where it asks for it.

A cell or an answer that ends its kernel, or cannot be stopped, costs its own points only: a fresh
kernel runs the cells before it again and goes on after it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ...checks.examining import Check
from ..cage.sandbox import NONE, Limits
from . import ground, outputs
from .dialogue import ASK, LOAD, LOOKING, Dialogue, Gone, clean, sees_a_change
from .kernel import SPREAD, START, Ended, Kernel

RESTARTS = 5  # fresh kernels that one notebook gets after its first


@dataclass(frozen=True)
class Outcome:
    """What a question earned, and the report on it or why there is none."""

    question: str
    points: float
    out_of: float
    text: str
    criteria: list[dict] = field(default_factory=list)
    examined: bool = True


def answering_side(check: Check) -> list[str]:
    """The modules that run the answers to a check."""
    return sorted({question.run.__module__ for question in check.questions.values()})


class Run:
    """Runs cells and examines questions; a context manager, because it holds a kernel.

    Args:
        check: of the exercise.
        limits: for the notebook.
        sandbox: around its kernels.
        seed: of the questions that are drawn.
    """

    def __init__(self, check: Check, limits: Limits, sandbox: str = NONE, seed: int | str = 0):
        self.check, self.limits, self.sandbox, self.seed = check, limits, sandbox, seed
        self.outcomes: dict[str, Outcome] = {}
        self.remarks: list[str] = []
        self.room = outputs.Room()  # for what the cells put out
        self.heard: list[str] = []  # what the kernels have told, see `hearing`
        self.ground: dict = {}  # what the check stood on before the submission ran
        self.touched: list[str] = []  # what of it was changed
        self.unchanged: dict[str, tuple] = {}  # questions to ask again, see `Dialogue`
        self.unseeing: list[str] = []  # those where a change was not seen then
        self.seconds = dict.fromkeys(("start", "import", "cells", "examination"), 0.0)
        self.number = 0  # of the cell
        self.done: list[str] = []  # the cells that a fresh kernel runs again
        self.restarts = 0
        self.used = 0.0  # seconds that the kernels have had which are gone
        self.stopped = ""  # why nothing more can be run
        self.kernel: Kernel | None = None

    def __enter__(self) -> "Run":
        self.end = time.monotonic() + SPREAD * self.limits.notebook
        self._start()
        return self

    def __exit__(self, kind, *_) -> None:
        if self.kernel and self.ground and kind is None:
            self.touched = ground.changed(self.ground, self._ground())
            asked = self.unchanged.items()
            self.unseeing = [q for q, sent in asked if not sees_a_change(self.kernel, sent)]
        self.remarks += self.room.told()
        self._close()

    def _ground(self) -> dict:
        """What the check stands on in the kernel, see `ground`; nothing if that does not answer."""
        ended, text = self.kernel.evaluate(ground.EXPRESSION, LOOKING)
        return ground.read(text) if ended.how == "fine" else {}

    def _start(self) -> None:
        with self._timed("start"):
            self.kernel = Kernel(self.sandbox, self.limits).__enter__()
        with self._timed("import"):
            # an import that is cut off spoils the rest
            self.kernel.run(LOAD.format(answering_side(self.check)), START, count=False)
        self.kernel.heard()  # the grader's own
        self.ground = self._ground()

    def _close(self) -> None:
        if self.kernel:
            kernel, self.kernel = self.kernel, None
            self.heard += kernel.heard()
            self.used += kernel.used
            kernel.__exit__(None, None, None)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self.seconds[what] += time.monotonic() - begin

    def left(self) -> float:
        """Seconds that the notebook may still have; the grader's own do not count, see `clock`."""
        used = self.used + (self.kernel.used if self.kernel else 0.0)
        return min(self.limits.notebook - used, self.end - time.monotonic())

    def cell(self, code: str) -> list[dict]:
        """Run a cell, unless it is empty.

        Returns:
            Its outputs, as nbformat has them.
        """
        if not code.strip():
            return []
        self.number += 1
        kept = outputs.Outputs(self.room)
        with self._timed("cells"):
            ended = self._run(code, kept)
            if ended.how in ("fine", "error") and not self.kernel.answers():
                ended = Ended("mute")  # the next cell must not be blamed, nor this one run again
        if ended.how in ("fine", "error"):
            self.done.append(code)
        if ended.how not in ("fine", "not run"):
            how = _how(ended, self.limits.cell)
            self.remarks.append(clean(f"In [{self.number}] ({telling_line(code)}) {how}"))
        if ended.over:
            self._go_on(self.remarks[-1])
        return kept.as_list()

    def _run(self, code: str, kept: outputs.Outputs | None = None) -> Ended:
        left = self.left()
        if not self.stopped and left <= 0:
            self._stop_for_time()
        if self.stopped:
            return Ended("not run")
        return self.kernel.run(code, min(self.limits.cell, left), outputs=kept)

    def _stop_for_time(self) -> None:
        self.stopped = f"the notebook took longer than {self.limits.notebook:g} s in all"

    def _go_on(self, because: str) -> None:
        """Start a fresh kernel after one that is gone, and run in it what has run before."""
        self._close()
        while not self.stopped and self.kernel is None:
            if self.restarts == RESTARTS:
                self.stopped = f"after {RESTARTS} fresh kernels there is no other; {because}"
                return
            self.restarts += 1
            self._start()
            for code in self.done:
                with self._timed("cells"):
                    ended = self._run(code)
                if ended.over:
                    self._close()
                    break

    def examine(self, question: str) -> Outcome:
        """Examine a question in the state that the kernel is in; asked twice, the last counts."""
        if self.stopped and question in self.outcomes:
            return self.outcomes[question]
        if not self.stopped and self.left() <= 0:
            self._stop_for_time()
        with self._timed("examination"):
            self.outcomes[question] = self._examine(question)
        return self.outcomes[question]

    def _examine(self, question: str) -> Outcome:
        out_of = self.check.points[question]
        if self.stopped:
            return Outcome(question, 0.0, out_of, f"not examined: {self.stopped}", examined=False)
        report = self.check.report(question)
        try:
            dialogue = Dialogue(self.kernel, self.left, self.unchanged)
            self.check.judge(report, dialogue, self.seed)
        except Gone as gone:
            text = f"not examined to its end: {self._mourn(question, gone.ended)}"
        except Exception as error:  # an exam stumbles over nothing but a forged reply
            self.remarks.append(f"the check of {question!r} broke off: {error!r:.200}")
            text = f"not examined to its end: what came back cannot be judged ({error!r:.200})"
        else:
            text = str(report)
        criteria = [criterion.to_json() for criterion in report.criteria]
        return Outcome(question, min(report.points, out_of), out_of, text, criteria)

    def _mourn(self, question: str, ended: Ended) -> str:
        """Go on after an answer that has ended the kernel, or used up the time; what happened."""
        if not ended.over:
            self._stop_for_time()
            return self.stopped
        why = clean(f"the answer to {question!r} {_how(ended, ASK)}")
        self.remarks.append(why)
        self._go_on(why)
        return why


def _how(ended: Ended, seconds: float) -> str:
    """The end of a cell or an answer, to follow its name."""
    late = f"ran longer than {seconds:g} s"
    because = f" ({ended.message})" if ended.message else ""
    return {
        "error": f"raised {ended.message}",
        "late": f"{late} and was stopped",
        "stuck": f"{late} and could not be interrupted, so its kernel was ended",
        "mute": "left a kernel that does not answer any more",
        "dead": f"ended its kernel{because}",
    }[ended.how]


def telling_line(code: str) -> str:
    """The line by which a reader knows a cell: the first that is no comment."""
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    return next((line for line in lines if line[0] not in "#%"), lines[0])[:50]
