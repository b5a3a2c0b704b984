"""Which exercise a notebook is and what it asks, told from its code."""

import pytest

from l2l_ref.grading.questions import alone, asked, exercise_of, imported


@pytest.mark.parametrize(
    ("source", "questions", "is_alone"),
    [
        ('check("kind")', ["kind"], True),
        ("  \n# mine\ncheck('kind')  # look", ["kind"], True),
        ('check("kind");', ["kind"], True),
        ('x = check("kind")', ["kind"], False),
        ('def f():\n    return 1\ncheck("kind")', ["kind"], False),
        ('check("kind")\ncheck("put")\ncheck("kind")', ["kind", "put"], False),
        ('%%time\ncheck("kind")', ["kind"], True),
        ('%matplotlib inline\n!ls\ncheck("kind")', ["kind"], False),
        ('files = !ls\ncheck("kind")', ["kind"], False),
        ('check("kind")\nhelp?', ["kind"], False),
        ('if True:\n    print(check("kind"))', ["kind"], False),
        ("# check('kind')", [], False),
        ("'''check(\"kind\")'''", [], False),
        ("check(kind)", [], False),
        ("check('kind", [], False),
        ("recheck('kind')", [], False),
        ("(" * 5000 + ")" * 5000, [], False),
        ('x = "\\d"\ncheck("kind")', ["kind"], False),
        ("", [], False),
    ],
)
def test_asked(source, questions, is_alone):
    assert asked(source) == questions
    assert alone(source) == (questions[0] if is_alone else None)


def test_imported():
    assert imported("%pip install x\nfrom l2l_ref.checks.leaf_tensors import check") == [
        "leaf_tensors"
    ]
    assert imported("try:\n    from l2l_ref.checks.b import check as c\nexcept: pass") == ["b"]
    assert imported("from l2l_ref.modules import MetaLinear\nimport l2l_ref") == []


LINE = "from l2l_ref.checks.one import check"


@pytest.mark.parametrize(
    ("codes", "names", "exercise"),
    [
        ([LINE, 'check("c")'], ["two", "02_two"], "one"),
        ([LINE.replace("one", "unknown")], ["one"], "unknown"),
        ([LINE, LINE.replace("one", "two")], ["one"], None),
        (['check("c")'], ["Copy of one (2)", "work"], "one"),
        (['check("c")'], ["notebook", "01_one"], "one"),
        (['check("a")'], ["notebook", "work"], "one"),
        (['check("c")', 'check("b")'], ["notebook", "work"], "two"),
        (['check("b")'], ["notebook", "work"], None),  # both ask it
        (['check("b")'], ["one_more", "work"], "one_more"),
        (["x = 1"], ["notebook", "work"], None),
    ],
)
def test_exercise_of(codes, names, exercise):
    known = {
        "one": lambda: {"a": 1, "b": 1},
        "two": lambda: {"b": 1, "c": 2},
        "one_more": lambda: {"d": 1},
    }
    assert exercise_of(codes, names, known) == exercise
