"""solutions/ -> exercises/: what is cut, what fails, what is never overwritten."""

import json
import re

import pytest
from courses import ROOT, code_cells, graded, graded_cells, source_of

pytest.importorskip("nbgrader")
pytest.importorskip("jupytext")

from l2l_ref import checks
from l2l_ref.grading import notebooks
from l2l_ref.grading.release import build
from l2l_ref.support.errors import InputError

NOTEBOOK = "exercises/01_toy/toy.ipynb"


def released(folder) -> dict:
    return json.loads((folder / NOTEBOOK).read_text())


def fails(folder, message: str) -> None:
    """The build fails with this message and writes nothing."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=re.compile(message, re.DOTALL)):
        build.build_course(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def line_of(source: str, text: str) -> int:
    return next(k for k, line in enumerate(source.split("\n"), 1) if text in line)


# What is made


def test_release(course, toy):
    folder = course(toy=toy)
    assert build.build_course(folder) == [(folder / NOTEBOOK, "written")]
    notebook = released(folder)
    assert [cell["id"] for cell in notebook["cells"]] == [
        *("text-000", "text-001", "add", "check_add", "why", "project")
    ]
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert sources[2].endswith("# YOUR CODE HERE\n    raise NotImplementedError()")
    assert sources[3:] == ['check("add")', "YOUR ANSWER HERE", "Build a calculator.\n"]
    assert notebook["metadata"]["kernelspec"]["display_name"] == "Python 3 (ipykernel)"
    text = (folder / NOTEBOOK).read_text()
    for hidden in ("fsum", "0.75", "round only once", "negative", "BEGIN", "END ", "jupytext"):
        assert hidden not in text
    assert "lines_to_next_cell" not in text
    assert not any(cell.get("outputs") for cell in notebook["cells"])


def test_the_source_for_nbgrader_holds_everything(course, toy):
    folder = course(toy=toy)
    build.build_course(folder)
    text = (folder / ".nbgrader/source/01_toy/toy.ipynb").read_text()
    for kept in ("fsum", "0.75", "round only once", "negative", "BEGIN SOLUTION"):
        assert kept in text
    assert sorted(path.suffix for path in (folder / ".nbgrader").rglob("*.*")) == [".ipynb"]


def test_a_second_build_gives_the_same_bytes(course, toy):
    folder = course(toy=toy)
    build.build_course(folder)
    first = {path: path.read_bytes() for path in folder.rglob("*.ipynb")}
    assert build.build_course(folder) == [(folder / NOTEBOOK, "unchanged")]
    for path in first:
        path.unlink()
    build.build_course(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*.ipynb")} == first
    assert len(first) == 2


def test_several_exercises_are_written_all_or_none(course, toy):
    folder = course(toy=toy, more=toy.replace("### END SOLUTION", ""))
    fails(folder, r"02_more/more\.py:\d+: BEGIN SOLUTION without its END")
    folder = course(toy=toy, more=toy)
    assert len(build.build_course(folder)) == 2


# What fails

FAULTS = {
    "misspelt": ("### BEGIN SOLUTION", "### BEGIN SOLUTOIN", "resembles a marker"),
    "in small letters": ("### BEGIN SOLUTION", "# begin solution", "resembles a marker"),
    "tests": ("### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TEST", "resembles a marker"),
    "scheme": ("=== BEGIN MARK SCHEME", "=== BEGIN MARK SCHEMA", "resembles a marker"),
    "no end": ("    ### END SOLUTION\n", "", "BEGIN SOLUTION without its END"),
    "no beginning": ("    ### BEGIN SOLUTION\n", "", "END SOLUTION without its BEGIN"),
    "no scheme's end": ("# === END MARK SCHEME ===\n", "", "MARK SCHEME without its END"),
    "wrong cell": (
        '"grade_id": "add", "locked": false, "schema_version": 3, "solution": true',
        '"grade_id": "add", "locked": true, "schema_version": 3, "solution": false',
        '"solution": true',
    ),
    "wrong cell for tests": (
        'check("add")\n',
        'check("add")\n\n# %%\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n\n# %%\n',
        '"grade": true',
    ),
    "metadata that is no JSON": (
        'nbgrader={"grade": true, "grade_id": "check_add"',
        'nbgrader={"grade": true "grade_id": "check_add"',
        "not read as metadata",
    ),
    "id twice": ('"grade_id": "check_add"', '"grade_id": "add"', "'add' is taken in line 18"),
    "id with a space": ('"grade_id": "check_add"', '"grade_id": "check add"', "letters, digits"),
    "id of a text": ('"grade_id": "check_add"', '"grade_id": "text-000"', "must not begin with"),
    "no cell": ("# %% [markdown]\n# # A toy", "# # A toy", "every cell needs one"),
    "no points": ('"points": 2, ', "", "CheckCellMetadata says"),
    "autotest": ('check("add")\n', "### AUTOTEST add(1, 2)\n", "AUTOTEST"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_source_fails_and_names_the_line(course, toy, fault):
    right, wrong, message = FAULTS[fault]
    assert toy.count(right) == 1
    source = toy.replace(right, wrong)
    where = r"toy\.py:\d+: " if "says" not in message and "every" not in message else ""
    fails(course(toy=source), where + ".*" + message)
    if message == "resembles a marker":
        fails(course(toy=source), f"toy.py:{line_of(source, wrong)}: ")


def add_cell(toy: str, text: str, kind: str = "") -> str:
    return f"{toy}\n# %%{kind}\n{text}\n"


LEAKS = {
    "code in another cell": "total = math.fsum([one, other])",
    "in other clothes": "total   = math.fsum(\n    [one,\n     other]\n)",
    "in prose": ("# Think of\n# `total = math.fsum([one, other])`.", " [markdown]"),
    "over two lines of prose": ("# so let total =\n# `math.fsum([one, other])`", " [markdown]"),
    "commented out": "# total = math.fsum([one, other])  # keep",
    "a hidden test": "assert add(3, 4) == 7 and add(0.5, 0.25) == 0.75",
    "the model answer": ("# **The model answer says that sums round only once.**", " [markdown]"),
    "the mark scheme": (
        "# One point for each operation that works on negative numbers.",
        " [markdown]",
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_cut_text_in_another_cell_fails(course, toy, leak):
    extra = LEAKS[leak] if isinstance(LEAKS[leak], tuple) else (LEAKS[leak],)
    fails(course(toy=add_cell(toy, *extra)), r"toy\.py:\d+: this line is cut .* in line \d+")


def test_a_leak_names_both_lines(course, toy):
    line = "    total = math.fsum([one, other])\n"
    source = toy.replace('numbers."""\n', f'numbers."""\n{line}')
    first = line_of(source, line.strip())
    fails(course(toy=source), f"toy.py:{first + 2}: this line is cut .* in line {first};")


def test_a_line_may_say_that_it_is_shown_in_a_hint(course, toy):
    line = "total = math.fsum([one, other])"
    source = add_cell(toy.replace(line, f"{line}  # in a hint"), f"# `{line}`", " [markdown]")
    build.build_course(course(toy=source))


def test_a_cell_magic_is_no_new_cell(course, toy):
    folder = course(toy=toy.replace("import math\n", "# %%time\nimport math\n"))
    build.build_course(folder)
    assert "".join(released(folder)["cells"][1]["source"]) == "%%time\nimport math"
    source = toy.replace("import math\n", "# %%time\nimport math\n")
    fails(course(toy=source.replace("### BEGIN S", "### BEGAN S")), r"toy\.py:22: '### BEGAN")


def test_lines_that_say_little_are_no_leak(course, toy):
    build.build_course(course(toy=add_cell(toy, "def f(total):\n    return total")))


def test_folders_must_be_named_after_their_number(course, toy, tmp_path):
    folder = course(toy=toy)
    (folder / "solutions/extra").mkdir()
    fails(folder, "is not called NN_name")
    (folder / "solutions/extra").rename(folder / "solutions/02_more")
    fails(folder, "cannot read .*02_more/more.py")
    with pytest.raises(InputError, match="there is no folder"):
        build.build_course(tmp_path / "elsewhere")


# What the check must agree with

ASKING = f"""\
# %%
from l2l_ref.checks.toy import check

# %% {graded("add", "solution")}
def add(one, other):
    ### BEGIN SOLUTION
    return one + other
    ### END SOLUTION

# %% {graded("check_add", "grade", "locked", points=2)}
check("add")
"""
DISAGREEING = {
    "no import": ("from l2l_ref.checks.toy import check", "import math", "no cell says"),
    "another import": ("checks.toy", "checks.other", "no cell says"),
    "other points": ('"points": 2', '"points": 3', r"toy\.py:10: 3 points, but the check gives 2"),
    "no such question": ('check("add")', 'check("sum")', r"toy\.py:11: .* no question 'sum'"),
    "more than the check": ('check("add")', 'x = 1\ncheck("add")', "and nothing else"),
    "not graded": ('"grade": true', '"grade": false', 'does not say "grade"'),
    "no answer": ("def add", "def sum", "no solution cell defines add"),
}


@pytest.fixture
def two_points(monkeypatch):
    monkeypatch.setattr(build, "points_of", lambda name: {"add": 2.0})


def test_points_and_questions_agree(course, two_points):
    build.build_course(course(toy=ASKING))


@pytest.mark.parametrize("case", DISAGREEING)
def test_points_and_questions_disagree(course, two_points, case):
    right, wrong, message = DISAGREEING[case]
    assert right in ASKING
    fails(course(toy=ASKING.replace(right, wrong)), message)


def test_every_question_is_asked_once(course, two_points, monkeypatch):
    head, check_cell = ASKING.split('\n# %% nbgrader={"grade": true')
    again = '\n# %% nbgrader={"grade": true' + check_cell
    fails(course(toy=head), r"no cell asks check\('add'\)")
    twice = ASKING + again.replace("check_add", "check_add_again")
    fails(course(toy=twice), r"toy\.py:14: 'add' is asked in line 11 already")


def test_points_come_from_the_check():
    for exercise in checks.EXERCISES:
        name = build.short(exercise)
        assert build.points_of(name) == checks.get_check(name).points
    assert build.points_of("toy") is None


# What somebody has filled in


def edit(path, text: str = "def add(one, other):\n    return one + other") -> str:
    """Answer the toy's question as JupyterLab would save it."""
    notebook = json.loads(path.read_text())
    notebook["cells"][2]["source"] = text.splitlines(keepends=True)
    path.write_text(json.dumps(notebook))
    return path.read_text()


@pytest.mark.parametrize("source_moved_on", [False, True])
def test_a_filled_in_notebook_is_not_overwritten(course, toy, source_moved_on):
    folder = course(toy=toy, more=toy)
    build.build_course(folder)
    edit(folder / NOTEBOOK)
    if source_moved_on:
        course(toy=toy.replace("Add two", "Sum two"), more=toy.replace("Add two", "Sum two"))
    fails(folder, r"somebody has edited \S*exercises/01_toy/toy\.ipynb; nothing was written")


def test_a_notebook_without_metadata_is_not_overwritten_once_edited(course, toy):
    folder = course(toy=toy)
    build.build_course(folder)
    notebook = released(folder)
    notebook["metadata"] = {}
    (folder / NOTEBOOK).write_text(json.dumps(notebook))
    assert build.build_course(folder) == [(folder / NOTEBOOK, "rewritten")]  # nothing is lost
    (folder / NOTEBOOK).write_text(json.dumps(notebook))
    edit(folder / NOTEBOOK)
    fails(folder, "somebody has edited")


@pytest.mark.parametrize("content", ["<<<<<<< HEAD\n{}", "", "[]", '{"cells": [{}]}'])
def test_a_broken_notebook_is_not_overwritten(course, toy, content):
    folder = course(toy=toy)
    build.build_course(folder)
    (folder / NOTEBOOK).write_text(content)
    fails(folder, "somebody has edited")


def test_a_notebook_that_was_only_run_is_overwritten(course, toy):
    folder = course(toy=toy)
    build.build_course(folder)
    notebook = released(folder)
    before = (folder / NOTEBOOK).read_bytes()
    notebook["cells"][1] |= {"execution_count": 1, "id": "another"}
    (folder / NOTEBOOK).write_text(json.dumps(notebook))
    assert build.build_course(folder) == [(folder / NOTEBOOK, "rewritten")]
    assert (folder / NOTEBOOK).read_bytes() == before


def test_line_ends_of_windows_are_no_difference(course, toy):
    folder = course(toy=toy)
    build.build_course(folder)
    path = folder / NOTEBOOK
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert build.check_course(folder) == []
    assert build.build_course(folder) == [(path, "unchanged")]


def test_a_new_source_overwrites_an_untouched_notebook(course, toy):
    folder = course(toy=toy)
    build.build_course(folder)
    course(toy=toy.replace("Add two", "Sum two"))
    assert build.build_course(folder) == [(folder / NOTEBOOK, "rewritten")]
    assert "Sum two" in (folder / NOTEBOOK).read_text()


# l2l exercises build, check


def test_the_commands(l2l, course, toy):
    folder = course(toy=toy, more=toy)
    code, out, _ = l2l("exercises", "check")
    assert code == 1
    assert out.count("missing; build it with: l2l exercises build") == 2
    code, out, err = l2l("exercises", "build")
    assert (code, err) == (0, "")
    assert out.splitlines() == [f"{NOTEBOOK}: written", "exercises/02_more/more.ipynb: written"]
    assert l2l("exercises", "check")[:2] == (0, "exercises/ is in step with solutions/\n")

    course(toy=toy.replace("Add two", "Sum two"))
    (folder / "exercises/notes.txt").write_text("")
    edited = edit(folder / "exercises/02_more/more.ipynb")
    code, out, _ = l2l("exercises", "check")
    assert code == 1
    assert out.splitlines() == [
        f"{NOTEBOOK}: differs from its source; build it again with: l2l exercises build",
        "exercises/02_more/more.ipynb: somebody has edited it; move it to a folder of your own "
        "and build again",
        "exercises/notes.txt: has no source in solutions",
    ]
    code, _, err = l2l("exercises", "build")
    assert code == 2
    assert "l2l: somebody has edited exercises/02_more/more.ipynb" in err
    assert (folder / "exercises/02_more/more.ipynb").read_text() == edited

    course(toy=toy.replace("### BEGIN SOLUTION", "### BEGIN SOLUTOIN"))
    for command in ("build", "check"):
        code, _, err = l2l("exercises", command)
        assert code == 2
        assert err.startswith("l2l: solutions/01_toy/toy.py:21: ")
    code, _, err = l2l("exercises", "build", "--course", "elsewhere")
    assert code == 2
    assert "there is no folder elsewhere/solutions" in err


# The repository


def test_the_committed_exercises_are_in_step_with_their_sources():
    assert build.check_course(ROOT) == []
    assert tuple(sorted(path.name for path in (ROOT / "exercises").iterdir())) == checks.EXERCISES


def test_the_real_release_asks_every_question_and_answers_none(real, exercise):
    solved, release = real(exercise)
    codes = code_cells(release)
    for question in checks.get_check(build.short(exercise)).points:
        assert codes.count(f'check("{question}")') == 1
    regions = "\n".join(code_cells(solved)).count("### BEGIN SOLUTION")
    assert "\n".join(codes).count("raise NotImplementedError()") == regions
    assert notebooks.untouched(release)
    assert not notebooks.untouched(solved)


def test_the_real_release_keeps_ids_and_points(real, exercise):
    solved, release = map(graded_cells, real(exercise))
    for kept in ("points", "grade", "solution", "locked", "task"):
        assert [
            (name, cell["metadata"]["nbgrader"].get(kept)) for name, cell in release.items()
        ] == [(name, cell["metadata"]["nbgrader"].get(kept)) for name, cell in solved.items()]
    assert all(cell["id"] == name for name, cell in release.items())
    points = checks.get_check(build.short(exercise)).points
    for question in points:
        cell = release[f"check_{question}"]
        assert source_of(cell) == f'check("{question}")'
        assert cell["metadata"]["nbgrader"]["points"] == points[question]


def lines_to_hide(notebook: dict) -> list[str]:
    """Of solutions and model answers the lines that cannot stand elsewhere by chance, squeezed."""
    cut = []
    for cell in graded_cells(notebook).values():
        cut += re.findall("### BEGIN SOLUTION\n(.*?)### END SOLUTION", source_of(cell), re.DOTALL)
        if cell["cell_type"] == "markdown":
            cut.append(source_of(cell))
    lines = (squeezed(line) for line in "\n".join(cut).split("\n"))
    return [line for line in lines if len(line) >= 30]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_real_release_shows_nothing_that_was_cut(real, exercise):
    solved, release = real(exercise)
    shown = squeezed("".join(map(source_of, release["cells"])))
    assert len(lines_to_hide(solved)) > 20
    assert [line for line in lines_to_hide(solved) if line in shown] == []
    for word in ("Model answer", "Rubric", "BEGIN", "END SOLUTION"):
        assert squeezed(word) not in shown
