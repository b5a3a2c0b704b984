"""A student's own copy: never over edited answers."""

import json

import pytest
from courses import ROOT

import l2l_ref
from l2l_ref.grading.release import start

COPY = "work/01_toy/toy.ipynb"


@pytest.fixture
def package(monkeypatch, tmp_path, course, toy):
    """A checkout with two built toys, in which the package seems to live."""
    pytest.importorskip("nbgrader")
    from l2l_ref.grading.release import build

    folder = course(toy=toy, more=toy)
    build.build_course(folder)
    monkeypatch.setattr(l2l_ref, "__file__", str(folder / "l2l_ref/__init__.py"))
    return folder


@pytest.mark.parametrize("name", ["01_toy", "toy", "1", "01"])
def test_names(l2l, package, name):
    code, out, err = l2l("start", name)
    assert (code, err) == (0, "")
    assert out.startswith(f"{COPY} is your copy.\nOpen it: jupyter lab {COPY}\n")
    assert (package / COPY).read_bytes() == (package / "exercises/01_toy/toy.ipynb").read_bytes()


@pytest.mark.parametrize("name", ["3", "toys", "", "0", "../01_toy", "²"])
def test_unknown_names(l2l, package, name):
    code, _, err = l2l("start", name)
    assert code == 2
    assert "there is no exercise" in err
    assert "01_toy, 02_more" in err
    assert not (package / "work").exists()


def test_edited_answers_are_left_alone(l2l, package):
    l2l("start", "toy")
    assert "nobody has edited it" in l2l("start", "toy")[1]
    notebook = json.loads((package / COPY).read_text())
    notebook["cells"][2]["source"] = "def add(one, other):\n    return one + other"
    for metadata in (notebook["metadata"], {}):  # Colab strips it
        (package / COPY).write_text(json.dumps(notebook | {"metadata": metadata}))
        before = (package / COPY).read_bytes()
        code, out, _ = l2l("start", "toy")
        assert code == 0
        assert f"{COPY} is there already, with your answers; it was left alone" in out
        assert (package / COPY).read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "no notebook"])
def test_a_broken_copy_is_left_alone(l2l, package, content):
    (package / COPY).parent.mkdir(parents=True)
    (package / COPY).write_text(content)
    assert "left alone" in l2l("start", "toy")[1]
    assert (package / COPY).read_text() == content


def test_an_old_copy_without_answers_is_replaced(l2l, package, course, toy):
    l2l("start", "toy")
    from l2l_ref.grading.release import build

    course(toy=toy.replace("Add two", "Sum two"))
    build.build_course(package)
    code, out, _ = l2l("start", "toy")
    assert code == 0
    assert "replaced by the course's present version" in out
    assert "Sum two" in (package / COPY).read_text()


def test_without_any_exercises(l2l, tmp_path, monkeypatch):
    monkeypatch.setattr(l2l_ref, "__file__", str(tmp_path / "l2l_ref/__init__.py"))
    code, _, err = l2l("start", "toy")
    assert code == 2
    assert "the exercises are in neither" in err


def test_this_checkout_has_its_exercises(l2l, tmp_path, exercise):
    assert start.released_folder() == ROOT / "exercises"
    number, short = exercise.split("_", 1)
    code, _, err = l2l("start", int(number))
    assert code == 0, err
    name = f"{exercise}/{short}.ipynb"
    assert (tmp_path / "work" / name).read_bytes() == (ROOT / "exercises" / name).read_bytes()
