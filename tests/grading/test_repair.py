"""Damaged notebooks: the answers survive, and the rest is as it was released."""

import copy
import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("nbgrader")

import nbformat

from l2l_ref.checks import EXERCISES
from l2l_ref.grading.submission import salvage
from l2l_ref.grading.submission.repair import Beyond, repair

FIRST = "01_leaf_tensors"  # single damages are tried on it alone


def source(cell: dict) -> str:
    return "".join(cell["source"])


def cell_of(notebook: dict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def said(notebook: dict) -> dict[str, str]:
    """What each cell says, by its id."""
    return {cell["id"]: source(cell) for cell in notebook["cells"]}


def code(text: str, **others) -> dict:
    """A cell that a student adds."""
    return {"cell_type": "code", "id": "mine", "metadata": {}, "source": text} | others


def put_after(notebook: dict, name: str, *cells: dict) -> None:
    """Put cells below the one with an id."""
    place = notebook["cells"].index(cell_of(notebook, name)) + 1
    notebook["cells"][place:place] = cells


def without(notebook: dict, *names: str) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in names]


def stripped(notebook: dict) -> None:
    """As Colab leaves it: neither ids nor metadata."""
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"] = {}


def whole(release: dict, notebook: dict) -> None:
    """See that a notebook has the cells of the release, and can be stored and read."""
    released = {cell["id"]: cell for cell in release["cells"]}
    kept = [cell for cell in notebook["cells"] if cell["id"] in released]
    assert [cell["id"] for cell in kept] == list(released)
    for cell in kept:
        given = released[cell["id"]]
        assert (cell["metadata"], cell["cell_type"]) == (given["metadata"], given["cell_type"])
        if cell["metadata"].get("nbgrader", {}).get("locked"):
            assert source(cell) == source(given)
    for cell in notebook["cells"]:
        assert cell["id"] in released or cell["metadata"] == {}
    nbformat.validate(nbformat.from_dict(notebook))
    json.dumps(notebook, ensure_ascii=False, allow_nan=False).encode()


class Tried:
    """A damaged notebook of an exercise, repaired."""

    def __init__(self, both, damaged: dict | str):
        self.solved, self.release = both
        text = damaged if isinstance(damaged, str) else json.dumps(damaged)
        repaired = repair(self.release, text, "leaf_tensors")
        self.notebook, self.notes = repaired.notebook, "\n".join(repaired.notes)
        self.said = said(self.notebook)
        whole(self.release, self.notebook)
        again = repair(self.release, json.dumps(self.notebook), "leaf_tensors")
        assert again.notebook == self.notebook
        assert all(re.search("nothing could|left as it is", note) for note in again.notes)
        for note in repaired.notes:
            assert re.fullmatch(r"[A-Z0-9].*\.", note)

    def lost(self) -> list[str]:
        """The cells that do not say what they said before the damage."""
        return [name for name, text in said(self.solved).items() if self.said[name] != text]

    def order(self, *texts: str) -> None:
        """See that cells that contain some texts stand in this order."""
        places = [
            next(k for k, cell in enumerate(self.notebook["cells"]) if text in source(cell))
            for text in texts
        ]
        assert places == sorted(places), places


@pytest.fixture
def tried(real):
    """Damage a solved notebook by a function that changes it or returns another, and repair it."""

    def try_it(damage) -> Tried:
        damaged = real(FIRST)[0]
        return Tried(real(FIRST), damage(damaged) or damaged)

    return try_it


# Nothing to repair


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_undamaged_notebook_comes_back_as_it_was(real, exercise):
    for notebook in real(exercise):
        put_after(notebook, "text-001", code("import math  # mine"))
        cell_of(notebook, "text-001")["source"] = ["# edited\n", "import torch"]
        repaired = repair(real(exercise)[1], json.dumps(notebook), exercise)
        assert repaired.notes == []
        assert said(repaired.notebook) == said(notebook)
        whole(real(exercise)[1], repaired.notebook)


def test_outputs_are_dropped_without_a_note(tried):
    def damage(notebook):
        output = {"output_type": "stream", "name": "stdout", "text": "1" * 10_000_000}
        cell_of(notebook, "kind")["outputs"] = [output]
        cell_of(notebook, "kind")["execution_count"] = 7

    found = tried(damage)
    assert found.notes == ""
    assert all(not cell.get("outputs") for cell in found.notebook["cells"])


# Any damage


@st.composite
def damages(draw):
    """Names of damages, and a source of randomness for them."""
    kinds = st.sampled_from(sorted(DAMAGES))
    return draw(st.lists(kinds, min_size=1, max_size=4, unique=True)), draw(st.randoms())


def delete_checks(cells, random):
    checks = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("locked")]
    for cell in random.sample(checks, 2):
        cells.remove(cell)


def delete_given(cells, random):
    given = [cell for cell in cells if "nbgrader" not in cell["metadata"]]
    for cell in random.sample(given[1:], 2):
        cells.remove(cell)


def copy_cells(cells, random):
    """As JupyterLab copies: with metadata, under a new id; the copy below the original."""
    graded = [cell for cell in cells if "nbgrader" in cell["metadata"]]
    for number, cell in enumerate(random.sample(graded, 3)):
        place = random.randint(cells.index(cell) + 1, len(cells))
        cells.insert(place, copy.deepcopy(cell) | {"id": f"copy{number}"})


def turn_checks(cells, random):
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("locked") and random.random() < 0.5:
            cell["cell_type"] = random.choice(["raw", "markdown"])


def edit_checks(cells, random):
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("locked") and random.random() < 0.5:
            cell["source"] = random.choice(["", "4.0", f"print({source(cell)})  # still 0??"])


def reorder(cells, random):
    moved = random.sample(cells[2:], 4)
    for cell in moved:
        cells.remove(cell)
        cells.insert(random.randint(0, len(cells)), cell)


def rename(cells, random):
    for number, cell in enumerate(cells):
        cell["id"] = f"{number}-{random.randint(0, 99)}"


def strip(cells, random):
    stripped({"cells": cells})


def add(cells, random):
    for number in range(3):
        kind = random.choice(["code", "markdown", "raw"])
        cell = code(f"x_{number} = 'mine'", id=f"mine-{number}", cell_type=kind)
        cells.insert(random.randint(0, len(cells)), cell)


def lines(cells, random):
    for cell in cells:
        as_list = source(cell).splitlines(keepends=True)
        cell["source"] = random.choice([source(cell), as_list])


DAMAGES = {
    each.__name__: each
    for each in (
        delete_checks,
        delete_given,
        copy_cells,
        turn_checks,
        edit_checks,
        reorder,
        add,
        lines,
        rename,
        strip,  # last: the others know cells by their metadata
    )
}


@pytest.mark.parametrize("exercise", EXERCISES)
@settings(max_examples=25)
@given(damage=damages())
def test_answers_survive_any_damage(real, exercise, damage):
    solved, release = real(exercise)
    names, random = damage
    damaged = copy.deepcopy(solved)
    for name in [name for name in DAMAGES if name in names]:
        DAMAGES[name](damaged["cells"], random)
    repaired = repair(release, json.dumps(damaged), exercise)
    whole(release, repaired.notebook)
    before, after = said(solved), said(repaired.notebook)
    for cell in release["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            assert after[cell["id"]] == before[cell["id"]], repaired.notes
    harmless = {"add", "lines"}
    assert bool(repaired.notes) or set(names) <= harmless | {"edit_checks", "turn_checks"}
    assert not repaired.notes or not set(names) <= harmless
    mine = [source(cell) for cell in damaged["cells"] if source(cell).endswith("'mine'")]
    kept = [source(cell) for cell in repaired.notebook["cells"] if source(cell).endswith("'mine'")]
    assert sorted(kept) == sorted(mine)
    if "reorder" not in names:
        assert kept == mine
    again = repair(release, json.dumps(repaired.notebook), exercise)
    assert again.notebook == repaired.notebook
    assert again.notes == []


@settings(max_examples=75)
@given(data=st.data())
def test_no_text_makes_it_fail_otherwise(real, data):
    """Cut, doubled, overwritten: repaired, or beyond repair."""
    solved, release = real(FIRST)
    text = json.dumps(solved, indent=data.draw(st.sampled_from([None, 1])))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 3000)))
        twice = text[start:end] * 2
        instead = data.draw(st.sampled_from(["", twice, "\ud800", "\0", "[", '"', "}"]))
        text = text[:start] + instead + text[end:]
    try:
        repaired = repair(release, text, FIRST)
    except Beyond:
        return
    whole(release, repaired.notebook)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["source", "id", "metadata", "nbgrader", "x"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=75)
@given(data=st.data())
def test_no_json_makes_it_fail_otherwise(real, data):
    """Values of any type where the format wants others."""
    solved, release = real(FIRST)
    for cell in data.draw(st.lists(st.sampled_from(solved["cells"]), min_size=1, max_size=5)):
        key = data.draw(st.sampled_from(["id", "source", "metadata", "cell_type", "attachments"]))
        cell[key] = data.draw(values)
    solved["cells"].append(data.draw(values))
    whole(release, repair(release, json.dumps(solved), FIRST).notebook)


# Copies and answers in other cells

RIGHT = "def kind(tensor):\n    return 'mine'"


def test_the_original_counts_if_it_is_answered(tried):
    def damage(notebook):
        twin = copy.deepcopy(cell_of(notebook, "kind"))
        put_after(notebook, "kind", twin | {"id": "twin", "source": RIGHT})

    found = tried(damage)
    assert found.lost() == []
    found.order("def kind", RIGHT, 'check("kind")')
    assert "more than one cell: kind" in found.notes


@pytest.mark.parametrize("place", ["text-001", "kind", "check_kind", "in_words"])
def test_a_copy_counts_if_the_original_is_not_answered(tried, real, place):
    stub = source(cell_of(real(FIRST)[1], "kind"))

    def damage(notebook):
        twin = copy.deepcopy(cell_of(notebook, "kind")) | {"id": "twin", "source": RIGHT}
        put_after(notebook, place, twin)
        cell_of(notebook, "kind")["source"] = f"# I try\n{stub}"

    found = tried(damage)
    assert found.said["kind"] == RIGHT
    assert found.lost() == ["kind"]
    assert "from a copy" in found.notes
    assert "twin" not in found.said


def test_of_several_answered_copies_the_last_counts(tried, real):
    def damage(notebook):
        original = cell_of(notebook, "kind")
        copies = [
            copy.deepcopy(original) | {"id": f"twin{k}", "source": RIGHT.replace("mine", str(k))}
            for k in range(2)
        ]
        original["source"] = source(cell_of(real(FIRST)[1], "kind"))
        put_after(notebook, "kind", *copies)

    found = tried(damage)
    assert "return '1'" in found.said["kind"]


@pytest.mark.parametrize("place", ["text-000", "text-002", "kind", "check_kind", "in_words"])
@pytest.mark.parametrize("own", ["stub", "empty", "deleted"])
def test_an_answer_in_another_cell_reaches_its_own(tried, real, place, own):
    """Above, a stub would hide it; below its check, it would come too late."""

    def damage(notebook):
        put_after(notebook, place, code(RIGHT))
        if own == "stub":
            cell_of(notebook, "kind")["source"] = source(cell_of(real(FIRST)[1], "kind"))
        elif own == "empty":
            cell_of(notebook, "kind")["source"] = ""
        else:
            without(notebook, "kind")

    found = tried(damage)
    counts = [text for text in found.said.values() if "def kind" in text]
    assert counts == [RIGHT]
    found.order(RIGHT, 'check("kind")')
    assert ("kind" in found.notes) or own == "empty"  # then it counts where it stands


def test_all_answers_in_one_cell(tried, real):
    """What else the cell defines is there for all that need it."""
    release = real(FIRST)[1]

    def damage(notebook):
        answers = ["kind", "sgd_step", "put"]
        together = "\n\n\n".join(source(cell_of(notebook, name)) for name in answers)
        for name in answers:
            cell_of(notebook, name)["source"] = source(cell_of(release, name))
        put_after(notebook, "text-001", code(f"HELP = 1\n\n\n{together}"))

    found = tried(damage)
    for name in ("kind", "sgd_step", "put"):
        assert source(cell_of(found.solved, name)) in found.said[name]
    assert "kind, sgd_step and put" in found.notes


def test_a_definition_is_repeated_where_others_need_its_cell(tried, real):
    """loss_after calls the helper that stands above it with the answer to first_order."""

    def damage(notebook):
        answer = source(cell_of(notebook, "first_order"))
        cell_of(notebook, "first_order")["source"] = source(cell_of(real(FIRST)[1], "first_order"))
        put_after(notebook, "text-001", code(f"def helper():\n    pass\n\n\n{answer}"))
        cell_of(notebook, "loss_after")["source"] = "def loss_after(*a):\n    return helper()"

    found = tried(damage)
    assert found.lost() == ["loss_after"]
    found.order("def helper", "return helper()", 'check("first_order")')
    assert "def helper" in found.said["mine"]


def test_an_answer_over_two_cells(tried):
    def damage(notebook):
        answer = source(cell_of(notebook, "kind"))
        answer = answer.replace("tensor.requires_grad", "needs(tensor)")
        cell_of(notebook, "kind")["source"] = answer
        helper = "def needs(tensor):\n    return tensor.requires_grad"
        put_after(notebook, "text-002", code(helper))

    found = tried(damage)
    assert found.notes == ""
    found.order("def needs", "needs(tensor)", 'check("kind")')


def test_an_unanswered_copy_hides_no_answer(tried, real):
    def damage(notebook):
        put_after(notebook, "kind", copy.deepcopy(cell_of(real(FIRST)[1], "kind")) | {"id": "twin"})
        put_after(notebook, "put", code(source(cell_of(real(FIRST)[1], "put"))))

    found = tried(damage)
    assert found.lost() == []
    assert {"twin", "mine"}.isdisjoint(found.said)
    assert "without an answer in them were left out: kind and put" in found.notes


def test_what_runs_last_before_the_check_counts(tried):
    """Nothing was damaged: a second definition above the check counts, one below it does not."""

    def damage(notebook):
        put_after(notebook, "kind", code(RIGHT))
        put_after(notebook, "check_put", code("put = None", id="mine2"))

    found = tried(damage)
    assert found.notes == ""
    found.order("def kind", RIGHT, 'check("kind")', 'check("put")', "put = None")


def test_variables_that_have_the_name_of_an_answer_are_none(tried, real):
    def damage(notebook):
        cell_of(notebook, "put")["source"] = source(cell_of(real(FIRST)[1], "put"))
        put_after(notebook, "text-001", code("put = 1\nfor kind in range(3):\n    pass"))

    found = tried(damage)
    assert found.notes == ""


@pytest.mark.parametrize("text", ["def my_kind(tensor):\n    return 1", "x = 1"])
def test_a_renamed_function_cannot_be_saved(tried, text):
    def damage(notebook):
        cell_of(notebook, "kind")["source"] = text

    found = tried(damage)
    assert "The answer kind defines no function or class with the name kind" in found.notes
    assert ("my_kind" in found.notes) == ("my_kind" in text)
    assert found.said["kind"] == text


def test_a_mistake_in_python_is_the_students(tried):
    def damage(notebook):
        cell_of(notebook, "kind")["source"] = "def kind(tensor:\n    pass"

    assert tried(damage).notes == ""


def test_code_in_a_checks_cell_is_kept(tried):
    def damage(notebook):
        text = "def needed():\n    return 1\n\n\ncheck('kind')"
        cell_of(notebook, "check_kind")["source"] = text

    found = tried(damage)
    assert "Checks had been changed, and are as released again: check_kind." in found.notes
    found.order("def kind", "def needed", 'check("kind")')


# Order


def test_what_an_answer_needs_runs_before_it(tried):
    """The answer and its helper were dragged to the end; the answer goes back, and so do both."""

    def damage(notebook):
        answer = cell_of(notebook, "kind")
        answer["source"] = "def kind(tensor):\n    return helper(tensor)"
        without(notebook, "kind")
        inner = code("def inner(t):\n    return 'leaf'", id="inner")
        helper = code("def helper(tensor):\n    return inner(tensor)", id="helper")
        notebook["cells"] += [inner, helper, answer, code("helper(1)", id="call")]

    found = tried(damage)
    assert "order" in found.notes
    found.order("import torch", "def inner", "def helper", "def kind", 'check("kind")', "helper(1)")


def test_added_cells_stay_between_their_neighbours(tried):
    def damage(notebook):
        put_after(notebook, "put", code("# a\n%matplotlib inline"))
        put_after(notebook, "check_put", code("**b**", id="b", cell_type="markdown"))
        notebook["cells"].insert(0, code("# c", id="c"))

    found = tried(damage)
    assert found.notes == ""
    found.order("# c", "# Exercise 1", "def put", "# a", 'check("put")', "**b**", "## 4.")


# Answers in words


def in_words(notebook: dict) -> dict:
    return cell_of(notebook, "in_words")


def question_in_words(notebook: dict) -> str:
    """The id of the cell that asks it, the one before."""
    cells = notebook["cells"]
    return cells[cells.index(in_words(notebook)) - 1]["id"]


@pytest.mark.parametrize("strip_it", [False, True])
def test_words_in_a_cell_below(tried, real, strip_it):
    picture = {"plot.png": {"image/png": "iVBORw0KGgo="}}

    def damage(notebook):
        in_words(notebook)["source"] = "YOUR ANSWER HERE"
        text = "The graph is lost, because data carries none. " * 3
        answer = code(text, cell_type="markdown", attachments=picture)
        put_after(
            notebook,
            question_in_words(notebook),
            code("a note", id="n", cell_type="markdown"),
            answer,
        )
        if strip_it:
            stripped(notebook)

    found = tried(damage)
    assert found.said["in_words"].startswith("The graph is lost")
    assert in_words(found.notebook)["attachments"] == picture
    assert "a note" in found.said.values()


def test_words_below_the_question_in_its_cell(tried):
    def damage(notebook):
        asked = cell_of(notebook, question_in_words(notebook))
        asked["source"] = [*asked["source"], "\n\nIt is lost."]
        in_words(notebook)["source"] = "YOUR ANSWER HERE"

    assert tried(damage).said["in_words"] == "It is lost."


def test_words_in_a_cell_that_became_code(tried):
    def damage(notebook):
        in_words(notebook)["cell_type"] = "code"

    found = tried(damage)
    assert found.lost() == []
    assert "in_words" in found.notes


# Files


def test_both_sides_of_a_conflict_are_tried(tried, real):
    """In each of two conflicts another side is the better one."""
    stub = source(cell_of(real(FIRST)[1], "put"))

    def damage(notebook):
        text = json.dumps(notebook, indent=1)
        for name, bad, first in (("put", stub, False), ("kind", "def kind(:", True)):
            good = json.dumps(cell_of(notebook, name)["source"], indent=1).replace("\n", "\n   ")
            assert good in text
            sides = [good, json.dumps(bad)] if first else [json.dumps(bad), good]
            rows = [f'   "source": {side}\n' for side in sides]
            conflict = f"<<<<<<< HEAD\n{rows[0]}=======\n{rows[1]}>>>>>>> theirs\n"
            text = text.replace(f'   "source": {good}\n', conflict)
        return text

    found = tried(damage)
    assert found.lost() == []
    assert "merge conflict" in found.notes


def test_conflicts_in_cells(tried):
    def damage(notebook):
        answer = source(cell_of(notebook, "kind"))
        conflict = f"<<<<<<< HEAD\ndef kind(:\n=======\n{answer}\n>>>>>>> theirs"
        cell_of(notebook, "kind")["source"] = conflict
        cell_of(notebook, "put")["source"] = conflict.replace(answer, "def put(:")

    found = tried(damage)
    assert found.lost() == ["put"]
    assert found.said["put"].startswith("<<<<<<<")
    assert "neither is Python" in found.notes


def test_an_upload_that_broke_off(tried):
    found = tried(lambda notebook: (t := json.dumps(notebook, indent=1))[: t.index('"put"') + 500])
    assert "breaks off" in found.notes
    assert {"kind", "sgd_step"}.isdisjoint(found.lost())
    assert found.said["in_words"] == "YOUR ANSWER HERE"


def test_one_broken_cell_costs_no_other(tried):
    def damage(notebook):
        return json.dumps(notebook, indent=1).replace('"id": "put"', '"id": put"')

    assert tried(damage).lost() == ["put"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tried, encoding):
    def damage(notebook):
        in_words(notebook)["source"] = "Für das Maß."
        text = json.dumps(notebook, ensure_ascii=False)
        return text.encode(encoding).decode("utf-8", "surrogateescape")

    found = tried(damage)
    assert found.said["in_words"] == "Für das Maß."
    assert found.lost() == ["in_words"]
    assert bool(found.notes) == (encoding != "utf-8-sig")


def test_windows_and_characters_that_cannot_be_stored(tried):
    def damage(notebook):
        for cell in notebook["cells"]:
            cell["source"] = source(cell).replace("\n", "\r\n")
        cell_of(notebook, "put")["source"] += "# \ud83d\0"

    found = tried(damage)
    assert found.lost() == ["put"]
    assert found.said["put"].endswith("# \ufffd\ufffd")
    assert "Line ends" in found.notes


def test_format_3(tried):
    def damage(notebook):
        cells = []
        for cell in notebook["cells"]:
            text = source(cell)
            if cell["cell_type"] == "code":
                cells.append({"cell_type": "code", "input": text, "language": "python"})
            elif text.startswith("# Exercise"):
                head, _, rest = text.partition("\n")
                cells.append({"cell_type": "heading", "level": 1, "source": head[2:]})
                cells.append({"cell_type": "markdown", "source": rest})
            else:
                cells.append({"cell_type": "markdown", "source": text})
        return {"nbformat": 3, "worksheets": [{"cells": cells}]}

    assert set(tried(damage).lost()) <= {"text-000"}


def test_nan_and_strange_metadata(tried):
    def damage(notebook):
        cell_of(notebook, "kind")["metadata"]["nbgrader"]["points"] = float("nan")
        notebook["metadata"] = {"x": float("inf"), "y": 10**400}
        text = json.dumps(notebook).replace('"nbformat": 4', '"nbformat": ' + "4" * 10_000)
        assert "NaN" in text
        return text

    assert tried(damage).lost() == []


HOSTILE = {
    "empty": ("", "empty"),
    "blank": (" \n", "empty"),
    "binary": ("\x89PNG\r\n\x1a\n\0\0", "no text"),
    "zip": ("PK\3\4abc", "no text"),
    "words": ("my answers", "no notebook"),
    "number": ("17", "no notebook"),
    "no notebook": ('{"cells": {"put": 1}}', "no notebook"),
    "no cells": ('{"cells": []}', "no cells"),
    "no cells of ours": ('{"cells": [{"cell_type": "code", "source": "1"}]}', "belongs to"),
    "deep": ('{"cells": ' + "[" * 1_000_000, "."),
    "less deep": ('{"cells": [' + '{"source": ' * 100_000, "brackets within brackets"),
    "million cells": ('{"cells": [' + '{"source": ""},' * 1_000_000, "more cells"),
    "many cells": (json.dumps({"cells": [{"source": ""}] * 3000}), "cells, and 2,000 are read"),
    "much text": (json.dumps({"cells": [{"source": "x" * 1_100_000}]}), "1,000,000 characters"),
    "100 MB": ("x" * (salvage.FILE + 1), "clear the outputs"),
    "conflicts": ("<<<<<<<\n" * 300_000, "no notebook"),
    "many numbers": ('{"cells": [' + "1," * 5_000_000, "more cells or data"),
}


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_beyond_repair(real, case):
    text, says = HOSTILE[case]
    begin = time.process_time()
    with pytest.raises(Beyond, match=says) as error:
        repair(real(FIRST)[1], text, "leaf_tensors")
    assert time.process_time() - begin < 10
    assert "please" in str(error.value)


SLOW = {
    "magics": "!ls\n" * 12_000,
    "markers": "<<<<<<< a\nx (\n=======\ny (\n>>>>>>> b\n" * 1_200,
    "brackets": "(" * 49_000,
    "sums": "1" + "+1" * 24_000,
    "strings": '"' * 49_000,
    "spaces": " " * 49_000 + "x (",
    "names": "x = y\n" * 8_000,
    "questions": "x? " * 16_000,
}


@pytest.mark.parametrize("case", sorted(SLOW))
def test_cells_that_take_long_to_read(real, case):
    solved, release = real(FIRST)
    solved["cells"] += [code(SLOW[case], id=f"x{k}") for k in range(5)]
    begin = time.process_time()
    whole(release, repair(release, json.dumps(solved), "leaf_tensors").notebook)
    assert time.process_time() - begin < 10


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("other", EXERCISES)
@pytest.mark.parametrize("with_import", [True, False])
def test_the_notebook_of_another_exercise(real, exercise, other, with_import):
    handed_in, release = real(other)[0], real(exercise)[1]
    if not with_import:
        stripped(handed_in)
        for cell in handed_in["cells"]:
            cell["source"] = re.sub("from l2l_ref.checks.*", "", source(cell))
    if exercise == other:
        repair(release, json.dumps(handed_in), exercise)
        return
    with pytest.raises(Beyond, match="another exercise") as error:
        repair(release, json.dumps(handed_in), exercise)
    assert exercise[3:] in str(error.value)
    assert not with_import or other[3:] in str(error.value)


# The command


@pytest.fixture
def handed_in(tmp_path, real):
    """A file to repair, with a check missing."""
    notebook = real(FIRST)[0]
    without(notebook, "check_put")
    path = tmp_path / "leaf_tensors (1).ipynb"
    path.write_text(json.dumps(notebook))
    return path


def test_the_command(l2l, handed_in, real):
    before = handed_in.read_bytes()
    code, out, err = l2l("repair", handed_in.name)
    assert (code, err) == (0, "")
    assert "Checks were missing, and are back: check_put." in out
    assert "leaf_tensors (1).repaired.ipynb" in out
    written = handed_in.with_suffix(".repaired.ipynb")
    assert said(nbformat.read(written, as_version=4)) == said(real(FIRST)[0])
    assert handed_in.read_bytes() == before
    assert l2l("repair", handed_in.name)[0] == 0  # the same again
    written.write_text("mine")
    code, _, err = l2l("repair", handed_in.name)
    assert code == 2
    assert "is there already" in err
    assert written.read_text() == "mine"
    code, out, _ = l2l("repair", handed_in.name, "--out", "to/x.ipynb")
    assert code == 0
    code, out, _ = l2l("repair", "to/x.ipynb")
    assert "Nothing was damaged." in out


def test_the_command_never_writes_over_the_submission(l2l, handed_in):
    before = handed_in.read_bytes()
    assert l2l("repair", handed_in.name, "--out", handed_in.name)[0] == 2
    assert handed_in.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        (None, [], "cannot read"),
        ("", [], "empty"),
        ('{"cells": [{"source": "1"}]}', [], "--exercise"),
        ('{"cells": [{"source": "1"}]}', ["--exercise", "leaf_tensors"], "belongs to"),
        ('{"cells": [{"source": "1"}]}', ["--exercise", "leaves"], "no exercise 'leaves'"),
    ],
)
def test_the_command_says_what_is_wrong(l2l, tmp_path, text, arguments, says):
    if text is not None:
        (tmp_path / "notebook.ipynb").write_text(text)
    code, _, err = l2l("repair", "notebook.ipynb", *arguments)
    assert code == 2
    assert says in err
    assert len(list(tmp_path.iterdir())) == (text is not None)
