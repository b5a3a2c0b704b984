"""Flags: what a human should look at, nothing else; and answers that are alike."""

import ast
import copy
import itertools
import json
import re
import time
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("nbgrader")
pytest.importorskip("copydetect")

from l2l_ref.checks import EXERCISES
from l2l_ref.grading.submission.flags import flags_of
from l2l_ref.grading.submission.likeness import ALIKE, LEAST, SHORT, WHOLE, alike

FIRST = "01_leaf_tensors"
GRADERS = Path(__file__).parents[1] / "graders"


def cell_of(notebook: dict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def with_cell(notebook: dict, text: str) -> dict:
    """A notebook with a cell that the student added below the imports."""
    added = {"cell_type": "code", "id": "mine", "metadata": {}, "source": text}
    place = next(k for k, c in enumerate(notebook["cells"]) if c["cell_type"] == "code")
    cells = [*notebook["cells"][: place + 1], added, *notebook["cells"][place + 1 :]]
    return notebook | {"cells": cells}


def short(exercise: str) -> str:
    return exercise.partition("_")[2]


def right_answers(exercise: str) -> list[Path]:
    return sorted((GRADERS / short(exercise) / "right").glob("*.py"))


@pytest.fixture
def flagged(real):
    """The reasons for flags if a cell is added to the solved first exercise."""
    solved, release = real(FIRST)

    def flags(text: str, exercise: str = FIRST) -> list[str]:
        both = real(exercise) if exercise != FIRST else (solved, release)
        found = flags_of(with_cell(both[0], text), both[1], short(exercise))
        return [flag.reason for flag in found]

    return flags


# Nothing to flag


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_release_and_the_solution_are_not_flagged(real, exercise):
    solved, release = real(exercise)
    for notebook in (release, solved):
        assert flags_of(notebook, release, short(exercise)) == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_right_answers_are_not_flagged(flagged, exercise):
    for path in right_answers(exercise):
        assert flagged(path.read_text(), exercise) == [], path.name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%matplotlib inline\n%time kind(torch.zeros(1))\n!pip install tqdm",
        "%pip install git+https://example.org/course",
        "import math, copy, time, warnings, sys\nimport numpy as np\nprint(1, file=sys.stderr)",
        "from IPython.display import display\ndisplay(kind)",
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (3, 3)",
        "torch.backends.cudnn.benchmark = False\ntorch.manual_seed(1)",
        "model = nn.Linear(1, 2)\nmodel.bias = None\nmodel.weight.data[0] = 1\ndel model.bias",
        "def f(torch):\n    torch.x = 1\n\n\nclass A:\n    def check(self):\n        check = 1",
        "class All(dict):\n    __eq__ = lambda self, other: True",
        "'''l2l_ref does that too, see get_ipython'''\n# l2l_ref",
        "x = 'sum / count'.split('/')\nopen('notes.txt')\ntorch.save(x, 'x.pt')",
        "print(check('kind'), check.points)",
        "from l2l_ref import data\nfrom l2l_ref.data import digits",
        "def broken(:\n    pass",
        "%%time\nkind(torch.zeros(1))",
        "help?\nkind??",
    ],
)
def test_what_is_everyday(flagged, text):
    assert flagged(text) == []


def test_what_the_release_does_is_not_flagged(flagged):
    text = "from l2l_ref.modules import MetaLinear\nLSTMOptimizer.load('x')\nfiles('l2l_ref')"
    assert flagged(text, "05_mnist") == []
    assert flagged("LSTMOptimizer.load = None", "05_mnist") != []


# What a human should see


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("from l2l_ref.modules import MetaLinear", "l2l_ref.modules.MetaLinear"),
        ("from l2l_ref import unroll", "l2l_ref.unroll"),
        ("import l2l_ref.unroll as u", "l2l_ref.unroll"),
        ("import l2l_ref\nx = l2l_ref.unroll.unroll", "l2l_ref.unroll"),
        ("import l2l_ref\nx = l2l_ref", "hands l2l_ref on"),
        ("import l2l_ref\ngetattr(l2l_ref, 'un' + 'roll')", "l2l_ref.unroll"),
        ("from l2l_ref.checks.leaf_tensors import unrolled", "leaf_tensors.unrolled"),
        ("from l2l_ref.checks import examining", "l2l_ref.checks.examining"),
        (
            "from l2l_ref.grading.examination.inside import answer",
            "l2l_ref.grading.examination.inside",
        ),
        ("__import__('l2l' + '_ref')", "__import__"),
        ("x = 'l2l' + '_' + 'ref.unroll'", "speaks of l2l_ref"),
        ("import importlib\nimportlib.import_module('x')", "importlib"),
        ("get_ipython().run_line_magic('x', '')", "get_ipython"),
        ("ip.input_transformers_cleanup.append(f)", "input_transformers_cleanup"),
        ("ip.ast_transformers.append(f)", "ast_transformers"),
        ("import sys\nsys.modules['x'] = 1", "sys.modules"),
        ("import sys as s\ns.settrace(None)", "sys.settrace"),
        ("import builtins", "builtins"),
        ("print.__class__", "__class__"),
        ("getattr(check, '__globals__')", "__globals__"),
        ("import gc, inspect", "inspect"),
        ("import ctypes", "ctypes"),
        ("import os", "os"),
        ("from os import path", "os"),
        ("def f():\n    import subprocess", "subprocess"),
        ("import socket", "network"),
        ("from urllib.request import urlopen", "network"),
        ("import pickle", "pickle"),
        ("exec('1')", "exec"),
        ("x = eval", "eval"),
        ("check = lambda question: 4.0", "the name check"),
        ("def check(question):\n    return 4.0", "check anew"),
        ("def f():\n    global check\n    check = 1", "the name check"),
        ("from mine import check", "binds the name check"),
        ("del check", "the name check"),
        ("torch.allclose = lambda *a: True", "changes torch.allclose"),
        ("torch.Tensor.__eq__ = 1", "changes torch.Tensor.__eq__"),
        ("nn.Linear.forward = 1", "changes torch.nn.Linear.forward"),
        ("setattr(F, 'mse_loss', 1)", "changes torch.nn.functional"),
        ("check.points = {}", "changes l2l_ref.checks.leaf_tensors.check.points"),
        ("from unittest import mock\nmock.patch('x')", "unittest.mock"),
        ("print(In[-1], Out, _ih)", "In"),
        ("open('/etc/passwd')", "outside its folder"),
        ("from pathlib import Path\nPath('../other').read_text()", "outside its folder"),
        ("%run other.ipynb", "%run other.ipynb"),
        ("!cat ../x", "!cat ../x"),
        ("files = !ls", "!ls"),
        ("!/bin/sh", "!/bin/sh"),
        ("%%bash\nls", "%bash"),
        ("%reset -f", "%reset -f"),
        ("%%time\n%%x\nget_ipython()", "get_ipython"),
        ("x (\nget_ipython()", "no Python as it stands, and speaks of get_ipython"),
        ("x = 1\n" * 20_000, "too many to be read"),
    ],
)
def test_reasons(flagged, text, says):
    reasons = flagged(text)
    assert any(says in reason for reason in reasons), reasons
    for reason in reasons:
        assert re.fullmatch(r"(It|A text in it) .*\.", reason)
        assert "(in the cell '" in reason


def test_a_flag_names_the_answer(real):
    solved, release = real(FIRST)
    cell_of(solved, "put")["source"] += "\n\n\nimport os"
    (flag,) = flags_of(solved, release, "leaf_tensors")
    assert vars(flag) == {"cell": "put", "reason": "It uses os, and so reaches the system."}


def test_what_is_imported_in_one_cell_and_changed_in_another(real):
    solved, release = real(FIRST)
    cell_of(solved, "text-001")["source"].append("\nimport torch.nn.functional as functional")
    cell_of(solved, "put")["source"] += "\n\n\nfunctional.mse_loss = 1"
    (flag,) = flags_of(solved, release, "leaf_tensors")
    assert (flag.cell, "torch.nn.functional.mse_loss" in flag.reason) == ("put", True)


def test_there_are_not_too_many_flags_and_no_control_characters(flagged):
    text = "\n".join(f"torch.x{k} = 1" for k in range(1000)) + "\nopen('/etc/\\x1b[31m\u202e')"
    found = flagged(text)
    assert len(found) == 11
    assert found[-1].startswith("There are 991 more reasons to look at it")
    for reason in flagged("open('/etc/\x1b[31m\u202e')\n!x \x1b[31m"):
        assert reason.isprintable()


def test_many_flags_of_one_cell_do_not_hide_another(real):
    solved, release = real(FIRST)
    cell_of(solved, "put")["source"] += "\n\nimport os"
    many = [f"torch.x{k} = 1" for k in range(31)]
    notebook = with_cell(solved, "\n".join(many))
    notebook = with_cell(notebook, "\n".join(["import socket", *many]))
    reasons = {flag.cell: flag.reason for flag in flags_of(notebook, release, short(FIRST))}
    assert "os" in reasons["put"]
    everything = [flag.reason for flag in flags_of(notebook, release, short(FIRST))]
    assert any("socket" in reason for reason in everything)
    assert len(everything) == 1 + 11 + 11


@pytest.mark.parametrize("text", ["(" * 40_000, "1" + "+1" * 20_000, "-" * 40_000, "!x\n" * 9999])
def test_code_that_takes_long_to_read(flagged, text):
    begin = time.process_time()
    flagged(text)
    assert time.process_time() - begin < 10


# Answers alike


def answers(release: dict) -> dict[str, dict]:
    """The cells of code that students fill."""
    return {
        cell["id"]: cell
        for cell in release["cells"]
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    }


def filled(release: dict, code: str) -> dict:
    """A notebook answered by the functions and classes of a file."""
    notebook = copy.deepcopy(release)
    defined = {getattr(each, "name", ""): each for each in ast.parse(code).body}
    for name, cell in answers(notebook).items():
        name = "MyOptimizer" if name == "my_optimizer" else name
        if name in defined:
            cell["source"] = ast.get_source_segment(code, defined[name])
    return notebook


def disguised(code: str) -> str:
    """The same code with other names, comments, layout and texts."""
    tree = ast.parse(code)
    names = [each for each in ast.walk(tree) if isinstance(each, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    own |= {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)}
    for name in own - {"self"}:
        code = re.sub(rf"\b{name}\b", f"my_{name}x", code)
    return "# my own work\n" + re.sub(r"\n(?=    )", "\n    # so\n", code.replace("\n\n", "\n"))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_independent_answers_are_not_alike(real, exercise):
    solved, release = real(exercise)
    class_ = {path.stem: filled(release, path.read_text()) for path in right_answers(exercise)}
    class_ |= {"solution": solved, "nothing": release, "nothing either": release}
    assert alike(class_, release) == []
    assert all(pair.share < ALIKE - 0.2 for pair in alike(class_, release, threshold=0.1))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_copy_with_other_names_and_comments_is_alike(real, exercise):
    """Wherever an answer is long enough; the shortest are alike by nature."""
    solved, release = real(exercise)
    copied, others = copy.deepcopy(solved), {}
    for cell in answers(copied).values():
        cell["source"] = disguised("".join(cell["source"]))
    for path in right_answers(exercise):
        others[path.stem] = filled(release, path.read_text())
    found = alike({"ann": solved, "bob": copied} | others, release)
    assert {(pair.one, pair.other) for pair in found} == {("ann", "bob")}
    assert all(pair.share >= 0.9 for pair in found)
    cells = [name for name in answers(release) if name in LONG[exercise]]
    assert [pair.cell for pair in found] == [*cells, SHORT, WHOLE, "in_words"]


#: The answers of the solutions that are long enough to be compared.
LONG = {
    "01_leaf_tensors": {"loss_after", "first_order", "learn_rates", "slopes_are_right"},
    "02_meta_modules": {
        *("MetaConv2d", "MetaConvTranspose2d", "MetaBatchNorm2d"),
        *("carries_graph", "put_weight", "update", "MetaSequential"),
    },
    "03_lstm_optimizer": {"is_meta_gradient"},
    "04_quadratics": {"is_adam", "meta_step", "read_off"},
    "05_mnist": {
        *("Perceptron", "deal", "paired_sums", "compare", "verdict", "flaws", "draw"),
    },
    "06_meta_resnet": {
        *("MetaBasicBlock", "load_pretrained", "loss_after_step", "order_of"),
        *("inner_loop", "diagnose", "held_bytes"),
    },
}


def test_a_copy_with_a_few_changes_is_alike(real):
    solved, release = real("05_mnist")
    copied = copy.deepcopy(solved)
    for cell in answers(copied).values():
        lines = disguised("".join(cell["source"])).split("\n")
        cell["source"] = "\n".join([*lines[:-1], "    print(1)", lines[-1]])
    assert len(alike({"ann": solved, "bob": copied}, release)) >= len(LONG["05_mnist"]) - 1


def test_what_a_good_part_of_the_class_writes_is_natural(real):
    solved, release = real(FIRST)
    few = {str(k): solved for k in range(5)}
    pairs = {(pair.one, pair.other) for pair in alike(few, release)}
    assert pairs == set(itertools.combinations(few, 2))
    many = {str(k): solved for k in range(30)}
    assert {pair.cell for pair in alike(many, release)} == {WHOLE, "in_words"}


def test_a_part_of_the_class_that_has_copied_is_found_however_large(real):
    """Among others who have written their own; the short answers are theirs by nature."""
    solved, release = real(FIRST)
    own = {path.stem: filled(release, path.read_text()) for path in right_answers(FIRST)}
    copies = {f"copy {k}": solved for k in range(12)}
    found = {pair.one for pair in alike(own | copies, release) if pair.cell == WHOLE}
    assert found == copies.keys() - {"copy 11"}  # who is the other one of the last pair


def test_answers_in_words(real):
    """Alike are those that share half of their runs of words, wherever the rest comes from."""
    solved, release = real(FIRST)
    question = next(
        "".join(cell["source"])
        for before, cell in itertools.pairwise(release["cells"][::-1])
        if before["id"] == "in_words"
    )

    def said(text: str) -> dict:
        notebook = copy.deepcopy(release)
        cell_of(notebook, "in_words")["source"] = text
        return notebook

    model = "".join(cell_of(solved, "in_words")["source"])
    own = "I have tried it: the line makes a tensor whose history ends there, and so on. " * 3
    half = model[: len(model) // 2]
    class_ = {
        "ann": said(question + own),
        "bob": said(question + "Nothing leads back from the copy, since it was cut off. " * 3),
        "cy": said(half.upper() + own.replace("I have", "We had").replace("tensor", "leaf")),
        "dan": said("Cut off."),
        "eve": said("Cut off."),
        "solution": solved,
    }
    found = alike(class_, release)
    assert [(pair.cell, pair.one, pair.other) for pair in found] == [("in_words", "cy", "solution")]


def test_a_notebook_without_its_answers(real):
    solved, release = real(FIRST)
    empty = release | {"cells": []}
    assert alike({"ann": empty, "bob": solved, "eve": empty}, release) == []
    broken = copy.deepcopy(solved)
    for cell in answers(broken).values():
        cell["source"] = "def f(:\n" + "(" * 45_000
    begin = time.process_time()
    alike({"ann": broken, "bob": solved}, release)
    assert time.process_time() - begin < 20


@pytest.mark.slow
def test_a_class_of_three_hundred(real):
    """Two of them have copied; everybody else has lines of another form."""
    solved, release = real("02_meta_modules")
    random = Random(0)

    def expression(depth: int) -> str:
        if depth == 0 or random.random() < 0.2:
            return random.choice(["x", "1", "2.5", "None", "'s'", "x.y", "len"])
        form = random.choice(["{} + {}", "{} - {}", "{} * {}", "({}, {})", "f({}, {})", "{}[{}]"])
        return form.format(expression(depth - 1), expression(depth - 1))

    class_ = {}
    for number in range(300):
        notebook = copy.deepcopy(release)
        for cell in answers(notebook).values():
            lines = [f"    x = {expression(3)}" for _ in range(20)]
            cell["source"] = "\n".join(["def f():", *lines])
        class_[str(number)] = notebook
    class_ |= {"ann": solved, "bob": json.loads(json.dumps(solved))}
    begin = time.process_time()
    found = alike(class_, release)
    seconds = time.process_time() - begin
    assert {(pair.one, pair.other) for pair in found} == {("ann", "bob")}
    assert LEAST > 0
    assert seconds < 60
