"""A check survives whatever an answer does, and the next one does not notice."""

import os
import random
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from l2l_ref.checks import answering, get_check
from l2l_ref.checks.answering import tensor_from
from l2l_ref.checks.examining import Check, Lost, Question, close, must_be_kept
from l2l_ref.checks.settings import SETTINGS, clean_state, default_device
from l2l_ref.checks.wire import NotData
from l2l_ref.grading.examination import dialogue
from l2l_ref.support.errors import InputError


def run_double(student, x):
    return {"twice": tensor_from(student(x), x, "twice x")}


def exam_double(generator, ask, report):
    x = torch.randn(3, generator=generator)
    with report.criterion("it doubles", 1):
        close(ask(x=x)["twice"], 2 * x.double(), what="twice x", given="x", idea="2 * x")
    with report.criterion("it doubles again", 0.5):
        close(ask(x=-x)["twice"], -2 * x.double(), what="twice x")


@pytest.fixture
def check(monkeypatch):
    monkeypatch.setattr(answering, "TIME_LIMIT", 0.5)
    return Check("toy", "1", {"double": Question(1.5, exam_double, run_double)})


def defined(code: str) -> dict:
    """The names of a notebook that defines ``double`` with this body."""
    names = {"np": np, "random": random, "torch": torch, "os": os, "sys": sys, "warnings": warnings}
    exec(f"def double(x):\n{textwrap.indent(code, '    ')}", names)
    return names


def answered(check, code: str):
    """The report on a function with this body."""
    return check.examine("double", defined(code))


MISHAPS = {
    "raises": ("raise ValueError('too bad')", "ValueError: too bad"),
    "its own error": ("class Mine(Exception): pass\nraise Mine(1)", "Mine: 1"),
    "exits": ("sys.exit(3)", "SystemExit: 3"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "recursion": ("def f(n): return f(n + 1)\nreturn f(0)", "RecursionError"),
    "endless": ("while True: pass", "nothing within 0.5 seconds"),
    "endless, holding on": (
        "while True:\n    try:\n        x + 1\n    except Exception:\n        pass",
        "nothing within 0.5 seconds",
    ),
    "endless, holding on tighter": (
        "while True:\n    try:\n        x + 1\n    except:\n        pass",
        "nothing within 0.5 seconds",
    ),
    "forgets to return": ("2 * x", "None (is there a return?)"),
    "a list": ("return (2 * x).tolist()", "list ["),
    "a number": ("return 2.0", "float 2.0"),
    "an array": ("return 2 * x.numpy()", "ndarray"),
    "wrong shape": ("return 2 * x[:, None]", "a tensor of shape (3, 1)"),
    "complex": ("return 2 * x.to(torch.complex64)", "complex64"),
    "not a number": ("return 2 * x * float('nan')", "nan"),
    "a class that lies": (
        "class Liar:\n    def __eq__(self, other): return True\nreturn Liar()",
        "Liar",
    ),
    "a repr that raises": (
        "class Bad:\n    def __repr__(self): raise ValueError\nreturn Bad()",
        "Bad",
    ),
    "syntax of torch": ("return x @ torch.ones(7)", "RuntimeError"),
}


@pytest.mark.parametrize("mishap", MISHAPS)
def test_mishaps_are_reported(check, mishap):
    code, says = MISHAPS[mishap]
    report = answered(check, code)
    assert report.points == 0
    assert report.out_of == 1.5
    assert says in str(report)


@pytest.fixture
def slow_module(tmp_path, monkeypatch):
    """A module that takes longer to import than an answer may."""
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(1.5)\nwhole = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("slow_to_import", None)


@pytest.mark.usefixtures("slow_module")
def test_what_is_imported_on_the_way_does_not_count(check):
    code = "import slow_to_import\nreturn 2 * x if slow_to_import.whole else x"
    assert answered(check, code).points == 1.5


@pytest.mark.usefixtures("slow_module")
def test_an_import_is_not_broken_off(check):
    report = answered(check, "while True:\n    import slow_to_import")
    assert "nothing within 0.5 seconds" in str(report)
    assert sys.modules["slow_to_import"].whole


def test_an_import_without_end_is_broken_off(check, tmp_path, monkeypatch):
    monkeypatch.setattr(answering, "BESIDES", 1.0)
    (tmp_path / "without_end.py").write_text("while True: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "nothing within 0.5 seconds" in str(answered(check, "import without_end"))


def test_the_checks_own_work_does_not_count(monkeypatch):
    monkeypatch.setattr(answering, "TIME_LIMIT", 0.5)

    def run(student, x):
        exec(compile("import time\ntime.sleep(1.5)", answering.__file__, "exec"))
        return run_double(student, x)

    # This very file is nobody's but the student's, to the clock.
    monkeypatch.setattr(answering, "NOT_THEIRS", (*answering.NOT_THEIRS, __file__))
    x = torch.ones(3)
    assert "twice" in answering.answer(run, defined("return 2 * x")["double"], {"x": x})
    assert "timed_out" in answering.answer(run, defined("while True: pass")["double"], {"x": x})


@pytest.mark.parametrize("code", ["return 2 * x", "while True: pass"])
def test_a_profiler_and_a_debugger_work_after_a_check(code):
    """On 3.11 they hung for ever once Python had been asked to take an exception back."""
    program = f"""
        import cProfile, sys
        from test_dialogue import answering, defined, run_double, torch
        answering.TIME_LIMIT = 0.2
        for _ in range(3):
            answering.answer(run_double, defined({code!r})["double"], {{"x": torch.ones(3)}})
        profiler, lines = cProfile.Profile(), []
        profiler.runcall(sorted, range(1000), key=lambda i: -i)
        def trace(frame, event, argument):
            lines.append(event)
            return trace
        sys.settrace(trace)
        for _ in range(100):
            abs(-1)
        (lambda: None)()
        sys.settrace(None)
        print("traced", len(lines) > 0)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "traced True\n", done.stderr


@pytest.mark.parametrize("device", ["cuda", "mps", "xpu:3"])
def test_a_notebook_that_asks_for_a_device_which_is_not_there(check, device):
    torch.set_default_device(device)
    try:
        assert answered(check, "return 2 * x + torch.zeros(3)").points == 1.5
        assert default_device() == torch.device(device)
    finally:
        torch.set_default_device(None)


def test_where_it_was_raised_is_said():
    assert "in _raises: module.nothing.there = name" in str(
        get_check("leaf_tensors").examine("put", {"put": _raises})
    )


def _raises(module, name, tensor):
    module.nothing.there = name


DISORDER = {
    "default dtype": "torch.set_default_dtype(torch.float64)",
    "default device": "torch.set_default_device('meta')",
    "grad mode": "torch.set_grad_enabled(False)",
    "threads": "torch.set_num_threads(torch.get_num_threads() + 1)",
    "seeds": "torch.manual_seed(9); np.random.seed(9); random.seed(9)",
    "random numbers": "torch.randn(9); np.random.rand(9); random.random()",
    "anomaly mode": "torch.autograd.set_detect_anomaly(True)",
    "deterministic": "torch.set_deterministic_debug_mode('error')",
    "recursion limit": "sys.setrecursionlimit(10_000)",
    "folder": "os.chdir('/')",
    "warnings": "warnings.simplefilter('error'); warnings.warn('careful')",
    "standard output": "sys.stdout = None",
}


def answered_alone(code: str) -> dict:
    """The answering side only: runtime type checks in tests use up random numbers elsewhere."""
    x = torch.arange(3.0, dtype=torch.float32, device="cpu")
    return answering.answer(run_double, defined(code)["double"], {"x": x})


def state() -> list:
    found = [setting.read() for setting in SETTINGS] + [torch.get_default_device(), sys.stdout]
    return [list(f) if isinstance(f, torch.Tensor) else str(f) for f in found] + [
        list(warnings.filters)
    ]


@pytest.mark.parametrize("disorder", DISORDER)
def test_disorder_ends_with_the_check(disorder):
    before = state()
    answered_alone(DISORDER[disorder] + "\nreturn 2 * x")
    assert state() == before


@pytest.mark.parametrize("disorder", DISORDER)
def test_disorder_in_the_notebook_does_not_reach_the_check(disorder):
    """Settings that the notebook made are put aside, and are there again afterwards."""
    code = "y = 2 * x.requires_grad_() + torch.zeros(3)\nassert y.requires_grad\nreturn y"
    alone = answered_alone(code)
    assert alone["twice"].tolist() == [0, 2, 4]
    with clean_state():  # puts the test's own settings back
        stdout, filters = sys.stdout, list(warnings.filters)
        try:
            exec(DISORDER[disorder].replace("; warnings.warn('careful')", ""))
            before = state()
            assert str(answered_alone(code)) == str(alone)
            assert state() == before
        finally:
            sys.stdout, warnings.filters[:] = stdout, filters


def test_the_questions_do_not_depend_on_the_notebook(check):
    with clean_state():
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        assert answered(check, "return 2 * x").points == 1.5
        assert answered(check, "return x").points == 0


def test_a_flood_of_lines(check, capsys, monkeypatch):
    monkeypatch.setattr(answering, "TIME_LIMIT", 60.0)
    report = answered(check, "for k in range(100_000): print('line', k)\nreturn 2 * x")
    assert report.points == 1.5
    assert capsys.readouterr().out == ""
    report = answered(check, "print('I was here')\nprint('x' * 10_000_000)\nreturn x")
    assert "I was here" in str(report)
    assert len(str(report)) < 3000


def test_warnings_cost_nothing(check, capsys):
    code = "warnings.warn('careful')\nprint('oh', file=sys.stderr)\nreturn 2 * x"
    assert answered(check, code).points == 1.5
    assert capsys.readouterr() == ("", "")


def test_warnings_are_passed_on_when_points_are_lost(check):
    """Torch often says in a warning what is wrong."""
    assert "careful" in str(answered(check, "warnings.warn('careful')\nreturn x"))


def test_what_is_not_closed_is_no_word_of_an_answer(check):
    """Files of others, collected while it runs, would be called its own."""
    assert "unclosed" not in str(answered(check, "open(os.devnull)\nreturn x"))


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("x = x.requires_grad_()\nx += 1\nreturn x", "make a new one instead"),
        ("return torch.autograd.grad(x.sum(), x)[0]", "computed from constants alone"),
        ("return 2 * x.grad", "a None is computed with"),
        ("return x.grad.sum()", "a None came from somewhere"),
        ("raise NotImplementedError('no kernel')", "NotImplementedError: no kernel"),
    ],
)
def test_torchs_refusals_are_explained(check, code, advice):
    report = answered(check, code)
    assert report.points == 0
    assert advice in " ".join(str(report).split())


def test_one_criterion_may_fail_alone(check):
    code = (
        "double.calls = getattr(double, 'calls', 0) + 1\nreturn 2 * x if double.calls == 1 else x"
    )
    report = answered(check, code)
    assert [c.points for c in report.criteria] == [1, 0]


def test_what_is_missing_is_said(check):
    assert "has nothing of that name" in str(check.examine("double", {}))
    assert "int 3 of that name" in str(check.examine("double", {"double": 3}))
    with pytest.raises(InputError, match="no question 'triple'; there are double"):
        check.examine("triple", {})


def test_calling_prints_and_returns_points(check, capsys, monkeypatch):
    import __main__

    monkeypatch.setattr(__main__, "double", lambda x: 2 * x, raising=False)
    points = check("double")
    assert type(points) is float
    assert points == 1.5
    assert "double: 1.5 of 1.5 points" in capsys.readouterr().out


def test_one_reason_for_all_is_given_once(check):
    report = answered(check, "raise NotImplementedError()")
    assert str(report).splitlines() == [
        "double: 0 of 1.5 points",
        "      came back  nothing yet: NotImplementedError is still raised",
    ]
    report = answered(check, "return x")
    assert str(report).startswith("double: 0 of 1.5 points\n")
    assert str(report).count("--") == 2  # other numbers, other reasons


def test_other_seeds_ask_other_questions():
    """An answer that knows the notebook's question does not know the grader's."""
    asked = []
    check = Check("toy", "1", {"double": Question(1.5, exam_double, run_double)})
    for seed in (0, 0, 1):
        check.examine("double", {"double": lambda x: asked.append(x) or 2 * x}, seed)
    assert torch.equal(asked[0], asked[2])
    assert not torch.equal(asked[0], asked[4])


def test_messages_show_given_came_back_expected_and_idea():
    lost = Lost("minus one", "one", "nothing", "signs")
    assert [line.split()[0] for line in str(lost).splitlines()] == [
        "given",
        "came",
        "expected",
        "look",
    ]


def test_messages_are_short_whatever_came_back():
    """Each criterion stores its message, so what came back must not fill a record."""
    long = "x y " * 5_000
    lost = Lost(long, long, long, long)
    assert len(str(lost)) < 4 * 2000 * 2
    assert len(str(lost.args)) < 2100
    with pytest.raises(Lost) as caught:
        must_be_kept([f"{number} {long}" for number in range(3900)], "g", "look")
    assert len(str(caught.value)) < 2000
    assert "3 x y" in caught.value.found["came back"]
    assert caught.value.found["came back"].endswith("and 3,896 more")


@pytest.mark.parametrize("number", [1, 4])
def test_a_few_names_are_all_told(number):
    names = [f"theta[{k}]" for k in range(number)]
    with pytest.raises(Lost) as caught:
        must_be_kept(names, "g", "look")
    assert caught.value.found["came back"] == f"changed: {', '.join(names)}"


def test_the_texts_of_a_reply_have_bounds():
    reply = {"printed": "", "changed": ["x" * 3900] * 120}
    assert dialogue.as_reply(reply) == reply
    for many in (["x" * 3900] * 130, {f"{k} {'x' * 3900}": 0 for k in range(130)}):
        with pytest.raises(NotData, match="characters of text"):
            dialogue.as_reply({"printed": "", "changed": many})
