"""Wrong answers lose exactly the points they should, right ones none, however written."""

import ast
import re

import pytest
from answers import FOLDER, a_third_of_the_wrong_ones, answer_files, run, solved

from l2l_ref.checks import NAMES, get_check

#: One draw of questions now, others with the slow tests.
SEEDS = pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]
)


def lost(check, namespace: dict, seed: int) -> dict[str, str]:
    """The criteria that do not get full points, and what is said of each, in one line.

    An answer that is the solution's own is not asked: another test says that it gets all.
    """
    own = solved(check.exercise)
    asked = [q for q in check.points if namespace.get(q) is not own[q]]
    reports = [check.examine(question, namespace, seed) for question in asked]
    criteria = [c for report in reports for c in report.criteria if c.points < c.out_of]
    return {c.title: " ".join(c.message.split()) for c in criteria}


@SEEDS
@pytest.mark.parametrize("name", NAMES)
def test_the_solution_gets_all_points(name, seed):
    check = get_check(name)
    for question, points in check.points.items():
        report = check.examine(question, solved(name), seed)
        assert report.points == report.out_of == points, str(report)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("name", "path"), answer_files("right"))
def test_right_answers_get_all_points(name, path, seed):
    answers = solved(name) | run(path.read_text(), str(path))
    assert lost(get_check(name), answers, seed) == {}


@pytest.mark.parametrize(("name", "path"), answer_files("wrong"))
def test_wrong_answers_lose_there_and_nowhere_else(name, path):
    must_lose_there_and_nowhere_else(name, path, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "path"), a_third_of_the_wrong_ones())
def test_wrong_answers_meet_other_questions(name, path):
    must_lose_there_and_nowhere_else(name, path, seed=1)


def must_lose_there_and_nowhere_else(name, path, seed: int) -> None:
    should = costs(path)
    assert should, f"the docstring of {path} names no criterion: 'Loses: the title.', a line each"
    wrong = run(path.read_text(), str(path))
    check = get_check(name)
    assert wrong.keys() & check.points.keys(), f"{path} defines none of {', '.join(check.points)}"
    messages = lost(check, solved(name) | wrong, seed)
    really = set(messages)
    assert really == should, f"{path} says that it loses {should}, and loses {really}"
    for words in named("Told", path):
        assert any(words in message for message in messages.values()), f"{path}: {messages}"


def costs(path) -> set[str]:
    """The criteria that a wrong answer should lose."""
    return named("Loses", path)


def named(what: str, path) -> set[str]:
    """What the docstring of a wrong answer names: what it loses, and what it is told."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return set(re.findall(rf"^{what}: (.*)\.$", docstring, re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_every_criterion_has_a_wrong_answer(name):
    check = get_check(name)
    titles = [c.title for q in check.points for c in check.examine(q, solved(name)).criteria]
    assert len(set(titles)) == len(titles)
    lost_by = {path: costs(path) for path in (FOLDER / name / "wrong").glob("*.py")}
    missed = set(titles) - set().union(*lost_by.values())
    assert not missed, f"no answer in tests/graders/{name}/wrong/ loses {missed}"
    unknown = {path.name: named - set(titles) for path, named in lost_by.items()}
    assert not any(unknown.values()), f"no criterion of {name} is called so: {unknown}"


@pytest.mark.parametrize("name", NAMES)
def test_the_untouched_notebook_gets_nothing(name):
    check = get_check(name)
    code = [f"def {q}(*_, **__): raise NotImplementedError()" for q in check.points]
    for question in check.points:
        report = check.examine(question, run("\n".join(code)))
        assert report.points == 0
        assert "NotImplementedError" in str(report)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "junk", ["None", "3", "'text'", "args", "{}", "[]", "lambda: 1", "torch.tensor(float('nan'))"]
)
def test_junk_gets_nothing(name, junk):
    """Whatever comes back, it is judged and worth nothing."""
    check = get_check(name)
    for question in check.points:
        answers = run(f"import torch\ndef {question}(*args, **_): return {junk}")
        report = check.examine(question, answers)
        assert report.points == 0, str(report)
        assert all(c.message for c in report.criteria)
