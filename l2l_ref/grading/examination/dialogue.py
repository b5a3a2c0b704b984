"""The examining side in this process, the answering side in a notebook's kernel.

What comes back may be forged: the kernel belongs to the student. So it is taken as data, of the
form that a reply has, or as no answer. A forged reply can earn what a right answer would, because
it must hold the right numbers for questions that were drawn a moment before; nothing else counts.
"""

import re
from collections.abc import Callable, Mapping

from ...checks.answering import BESIDES, PATIENCE, TIME_LIMIT
from ...checks.wire import NotData, pack, unpack
from .ground import FIRST
from .kernel import Ended, Kernel

#: Seconds until an answer is interrupted from outside, if it does not end at its own limit.
ASK = PATIENCE * TIME_LIMIT + BESIDES + 5

#: Characters of a text in a reply, and of all its texts.
TEXT, TEXTS = 4000, 500_000

#: What a terminal acts on, and what turns the direction of writing.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

#: Loads what answers questions, and binds no name.
LOAD = "__import__('l2l_ref.grading.examination.inside', fromlist=['*']).begin({!r})"
INSIDE = FIRST + ".__globals__['sys'].modules['l2l_ref.grading.examination.inside']"
ANSWER = INSIDE + ".answer({!r}, {!r}, {!r})"
WITH_A_CHANGE = INSIDE + ".answer_with_a_change({!r}, {!r}, {!r})"

#: Questions whose reply speaks of changes in something else than what is given.
ELSEWHERE = ("log_and_sign", "initialise")

LOOKING = 10.0  # seconds for a look at how the kernel looks at itself


class Gone(Exception):
    """There is no kernel any more that could answer.

    Args:
        ended: how it went.
    """

    def __init__(self, ended: Ended):
        super().__init__(ended.message)
        self.ended = ended


class Dialogue:
    """Puts questions to a kernel; `examining.Check.judge` calls it.

    Args:
        kernel: that has run the notebook so far.
        left: how many seconds are left for the notebook.
        unchanged: gets, for each question, the first that was asked and after which nothing is
            said to have changed, as the arguments of `inside.answer`.
    """

    def __init__(self, kernel: Kernel, left: Callable[[], float], unchanged: dict | None = None):
        self.kernel, self.left = kernel, left
        self.unchanged = {} if unchanged is None else unchanged

    def __call__(self, run: Callable, question: str, asked: Mapping) -> dict:
        """Put a question; the reply, or what stands for it when there is none.

        Raises:
            Gone: the kernel has ended, or the notebook's time has.
        """
        left = self.left()
        if left <= 0:
            raise Gone(Ended("late"))
        sent = f"{run.__module__}:{run.__qualname__}", question, pack(dict(asked))
        ended, text = self.kernel.evaluate(ANSWER.format(*sent), min(ASK, left))
        if ended.over:
            raise Gone(ended)
        if ended.how == "late":
            return nothing(f"nothing within {min(ASK, left):.0f} seconds") | {"timed_out": True}
        if ended.how == "error":
            return nothing(f"nothing, because the kernel is disturbed: {clean(ended.message)}")
        try:
            reply = as_reply(unpack(text))
        except NotData as error:
            return nothing(f"what is no data: {clean(str(error))[:200]}")
        if reply.get("changed") == [] and question not in ELSEWHERE:
            self.unchanged.setdefault(question, sent)
        return reply


def sees_a_change(kernel: Kernel, sent: tuple[str, str, str]) -> bool:
    """Whether the kernel still tells that something given has changed; True where it cannot be
    found out.

    Args:
        kernel: at the end of its notebook.
        sent: what it was asked before, see `Dialogue`.
    """
    ended, text = kernel.evaluate(WITH_A_CHANGE.format(*sent), LOOKING)
    try:
        found = unpack(text) if ended.how == "fine" else {}
    except NotData:
        return False
    return not isinstance(found, dict) or not found.get("done") or found.get("seen") is True


def nothing(came_back: str) -> dict:
    """The reply that stands for a missing one."""
    failed = {"came_back": came_back, "expected": "an answer", "idea": ""}
    return {"failed": failed, "printed": ""}


def as_reply(found: object) -> dict:
    """What came back, if it has the form of a reply, with texts of bounded length.

    Raises:
        NotData: it has another form.
    """
    reply = clean(found)
    if not isinstance(reply, dict) or not isinstance(reply.get("printed"), str):
        raise NotData("a reply of another form")
    failed = reply.get("failed", {"came_back": "", "expected": "", "idea": ""})
    if not isinstance(failed, dict) or failed.keys() != {"came_back", "expected", "idea"}:
        raise NotData("a failure of another form")
    if not all(isinstance(text, str) for text in failed.values()):
        raise NotData("a failure of another form")
    if _characters(reply) > TEXTS:
        raise NotData(f"it holds more than {TEXTS:,} characters of text")
    return reply


def _characters(value: object) -> int:
    """The characters of all texts in a value."""
    match value:
        case str():
            return len(value)
        case dict():
            return sum(len(key) + _characters(each) for key, each in value.items())
        case list() | tuple():
            return sum(map(_characters, value))
    return 0


def clean(value: object) -> object:
    """The value with its texts cut, and without what a terminal would act on."""
    match value:
        case str():
            return CONTROL.sub("?", value[:TEXT]).encode("utf-8", "replace").decode()
        case dict():
            return {clean(key): clean(each) for key, each in value.items()}
        case list() | tuple():
            return type(value)(clean(each) for each in value)
    return value
