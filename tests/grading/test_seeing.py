"""A change behind an answer is seen, whatever the question; and not by who has been blinded."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("ipykernel")

from l2l_ref.checks import NAMES, answering, get_check
from l2l_ref.checks.wire import pack, unpack
from l2l_ref.grading.examination import inside
from l2l_ref.grading.examination.dialogue import ELSEWHERE

solved = runpy.run_path(str(Path(__file__).parents[1] / "graders/answers.py"))["solved"]

#: The first unit now, the others with the slow tests.
UNITS = [NAMES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[1:])]


def looked_at(name: str, monkeypatch, questions=None) -> dict[str, dict]:
    """What comes of a change behind the solution's answers, by question."""
    check, names, found = get_check(name), solved(name), {}
    monkeypatch.setattr(inside, "get_ipython", lambda: SimpleNamespace(user_ns=names))

    def put(run, question, asked):
        sent = f"{run.__module__}:{run.__qualname__}", question, pack(dict(asked))
        reply = unpack(answering.answer_packed(run, names, question, sent[2]))
        if reply.get("changed") == [] and question not in found:
            found[question] = unpack(inside.answer_with_a_change(*sent))
        return reply

    for question in questions or check.points:
        check.judge(check.report(question), put, seed=5)
    return found


@pytest.mark.parametrize("name", UNITS)
def test_a_change_behind_an_answer_is_seen(name, monkeypatch):
    found = looked_at(name, monkeypatch)
    asked = {question for question, said in found.items() if said["done"]}
    assert asked
    unseen = {question for question in asked if not found[question]["seen"]}
    assert unseen <= set(ELSEWHERE), found


def test_who_is_blind_sees_none(monkeypatch):
    from l2l_ref.checks.leaf_tensors import given

    blind = dict.fromkeys(given._OF, lambda name, thing: {})
    monkeypatch.setattr(given, "_OF", blind)
    assert looked_at("leaf_tensors", monkeypatch, ["sgd_step"])["sgd_step"]["seen"] is False
