"""Whatever a file holds, reading it ends soon, and costs that submission alone."""

import json
import threading
import time

import pytest

pytest.importorskip("nbgrader")

from battery import both
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2l_ref.grading.submission import likeness, reading
from l2l_ref.grading.submission.limits import TooLong, at_most
from l2l_ref.grading.submission.reading import read
from l2l_ref.grading.submission.repair import Beyond
from l2l_ref.grading.submission.unearned import unearned

SOLUTION, RELEASE = both("01_leaf_tensors")

#: What patterns and parsers may stumble over, many times over.
PIECES = [
    *(" ", "\t", "\n", "\r", "\0", "\ud800", "\u202e", "\N{COMBINING ACUTE ACCENT}", "\\"),
    *("%x", "%%", "%", "!", "?", "=", ",", "a, ", "a = ", ".c", "`", "#", "'", '"', "'''", ">>> "),
    *("(", "[", "{", "-", "not ", "lambda:", "f'{x}'", "if x:\n", "def f():\n pass\n"),
    *("<<<<<<< \n", "=======\n", ">>>>>>> \n", '"cells": [', '{"a":', "NaN", "_1_2_3_"),
    *("f" * 4500, "9" * 4400, "0x" + "f" * 4000),
]
LINES = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from((1, 2, 3000))), max_size=4)
SOURCES = LINES.map(lambda parts: "".join(piece * many for piece, many in parts)[:120_000])

#: What may stand where a notebook has text, a list or a dict.
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SOURCES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PIECES), inner),
    max_leaves=5,
)

#: Seconds for one file, many times what it takes.
SOON = 20.0


def answer(source) -> dict:
    """The solution with something else in the place of an answer."""
    notebook = json.loads(json.dumps(SOLUTION))
    (cell,) = (each for each in notebook["cells"] if each["id"] == "sgd_step")
    cell["source"] = source
    return notebook


def all_of_it(text: str) -> None:
    """Read a submission as the grader does, and compare it with another."""
    begin = time.monotonic()
    try:
        repaired, flags = read(RELEASE, text, "leaf_tensors")
    except Beyond:
        return
    unearned([{"question": "sgd_step", "points": 3.0}], repaired.notebook, RELEASE)
    likeness.alike({"ann": SOLUTION, "bob": repaired.notebook}, RELEASE)
    assert [cell["id"] for cell in RELEASE["cells"]] == [
        cell["id"] for cell in repaired.notebook["cells"] if cell["id"] in given_ids()
    ]
    assert not any("could not be read" in flag.reason for flag in flags), flags
    assert time.monotonic() - begin < SOON


def given_ids() -> set[str]:
    return {cell["id"] for cell in RELEASE["cells"]}


FUZZ = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))


@FUZZ
@given(SOURCES)
def test_an_answer_of_any_text_is_read(source):
    all_of_it(json.dumps(answer(source)))


@FUZZ
@given(JUNK, st.sampled_from(("source", "metadata", "outputs", "id", "cell_type")))
def test_a_cell_of_any_data_is_read(junk, key):
    notebook = answer("")
    notebook["cells"][3][key] = junk
    all_of_it(json.dumps(notebook))


@FUZZ
@given(SOURCES, st.integers(0, 10_000))
def test_a_file_with_any_text_in_its_middle_is_read(piece, where):
    text = json.dumps(SOLUTION, indent=1)
    where %= len(text)
    all_of_it(text[:where] + piece + text[where:])


@pytest.mark.slow
@settings(FUZZ, max_examples=400)
@given(SOURCES | JUNK, st.sampled_from(("source", "metadata", "outputs", "id", "cell_type")))
def test_many_more(junk, key):
    notebook = answer("")
    notebook["cells"][3][key] = junk
    all_of_it(json.dumps(notebook))


def test_a_file_that_takes_too_long_costs_itself_alone(monkeypatch):
    def for_ever(*_):
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    monkeypatch.setattr(reading, "PATIENCE", 0.2)
    monkeypatch.setattr(reading, "repair", for_ever)
    with pytest.raises(Beyond, match=r"longer than 0\.2 s"):
        read(RELEASE, "{}", "leaf_tensors")


def test_a_pattern_is_broken_off_as_well():
    import re

    with pytest.raises(TooLong), at_most(0.3):
        re.match(r"(a+)+b", "a" * 40)


def test_code_that_cannot_be_flagged_is_a_flag(monkeypatch):
    def fails(*_):
        raise KeyError("what nobody thought of")

    monkeypatch.setattr(reading, "flags_of", fails)
    repaired, flags = read(RELEASE, json.dumps(SOLUTION), "leaf_tensors")
    assert repaired.notebook
    assert "could not be read here (KeyError" in flags[0].reason


def test_nothing_is_left_of_a_limit():
    with at_most(0.2):
        pass
    time.sleep(0.3)


def test_in_another_thread_there_is_no_limit_and_no_error():
    done = []

    def work():
        with at_most(1):
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
