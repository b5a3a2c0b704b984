"""Points without an answer are flagged; an answer of any shape is one."""

import pytest

pytest.importorskip("nbgrader")

from battery import both, changed, code

from l2l_ref.grading.examination.grader import seed_for
from l2l_ref.grading.submission.unearned import unearned

SOLUTION, RELEASE = both("01_leaf_tensors")
FULL = [{"question": "kind", "points": 2.0}, {"question": "put", "points": 3.0}]


def flagged(notebook, questions=FULL):
    return [flag.cell for flag in unearned(questions, notebook, RELEASE)]


def test_answers_and_what_earns_nothing_are_not_flagged():
    assert flagged(SOLUTION) == []
    nothing = [each | {"points": 0.0} for each in FULL]
    assert flagged(RELEASE, nothing) == []


@pytest.mark.parametrize(
    "stub",
    [
        None,
        "def kind(tensor):\n    raise NotImplementedError  # later",
        'def kind(tensor):\n    """What kind."""',
        "def kind(tensor):\n    pass",
        "def kind(tensor):\n    return None",
        "def kind(tensor):\n    ...",
        "class kind:\n    def __call__(self, tensor):\n        raise NotImplementedError",
        "",
        "# my answer\nmy_kind = 3",
        "help = lambda: 1\ndef kind(tensor):\n    raise NotImplementedError",
    ],
)
def test_points_for_a_stub_are_flagged(stub):
    notebook = changed(RELEASE, put="put = my_put")
    notebook = notebook if stub is None else changed(notebook, kind=stub)
    assert flagged(notebook) == ["kind"]


@pytest.mark.parametrize(
    "answer",
    [
        "def my_kind(tensor):\n    return tensor.dtype\nkind = my_kind",
        "kind = lambda tensor: tensor.grad_fn",
        "from functools import partial\nkind = partial(print)",
        "if True:\n    def kind(tensor):\n        return str(tensor)",
        "class Kind:\n    def __call__(self, tensor):\n        return 1\nkind = Kind()",
        "%time\ndef kind(tensor):\n    return str(tensor)",
    ],
)
def test_answers_of_many_shapes(answer):
    solved = changed(SOLUTION, kind=answer)
    assert flagged(solved) == []
    elsewhere = SOLUTION | {"cells": [*changed(SOLUTION, kind="")["cells"], code(answer)]}
    assert flagged(elsewhere) == []


def test_questions_differ_by_student_and_by_answer_and_stay():
    """A word more in a text cell, or an output, changes no question."""

    def seed(student, notebook, secret="s" * 64):
        return seed_for({"student": student, "secret": secret}, notebook)

    ann = seed("ann", SOLUTION)
    assert ann == seed("ann", SOLUTION)
    in_words = next(c["id"] for c in SOLUTION["cells"] if c["cell_type"] == "markdown")
    assert ann == seed("ann", changed(SOLUTION, **{in_words: "other words"}))
    assert len({ann, seed("bob", SOLUTION), seed("ann", RELEASE), seed("ann", SOLUTION, "t")}) == 4
