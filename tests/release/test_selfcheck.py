"""`l2l check`: points and reasons, whatever an editor or an answer does to the notebook."""

import json
import re
from pathlib import Path

import pytest
from courses import code_cells, write_notebook

pytest.importorskip("ipykernel")
pytest.importorskip("jupyter_client")

from l2l_ref import checks
from l2l_ref.grading.cage.sandbox import Limits
from l2l_ref.grading.examination import kernel, running, selfcheck
from l2l_ref.grading.examination.running import Outcome, Run
from l2l_ref.grading.examination.selfcheck import Result
from l2l_ref.grading.release.build import short
from l2l_ref.support.errors import InputError

POINTS = checks.get_check("leaf_tensors").points
ALL = sum(POINTS.values())
FIRST = checks.EXERCISES[0]  # what editors and answers do to a notebook is tried on it alone
IMPORT = "from l2l_ref.checks.leaf_tensors import check"


def check_cell(question: str) -> str:
    return f'check("{question}")'


def replaced(codes: list[str], start: str, new: str) -> list[str]:
    """The cells, with another one in the place of the one that begins so."""
    assert sum(code.startswith(start) for code in codes) == 1
    return [new if code.startswith(start) else code for code in codes]


#: The first exercise now, the others with the slow tests: each takes a kernel, and most train.
QUICKLY = pytest.mark.parametrize(
    "exercise", [FIRST, *(pytest.param(e, marks=pytest.mark.slow) for e in checks.EXERCISES[1:])]
)


# In a kernel


@QUICKLY
def test_a_solved_notebook_without_metadata_ids_and_import(l2l, tmp_path, real, exercise):
    """As Colab may save it, and with the cell of the first lines spoilt."""
    name = short(exercise)
    points = checks.get_check(name).points
    line = rf"from l2l_ref\.checks\.{name} import check(, predict)?"
    codes = [re.sub(line, "", code) for code in code_cells(real(exercise)[0])]
    codes = [code for code in codes if not code.startswith("predict(")]  # its name came with it
    path = write_notebook(tmp_path / f"Copy of {name} (1).ipynb", codes)
    before = path.read_bytes(), path.stat().st_mtime_ns
    code, out, err = l2l("check", path.name, "--json", "results.json")
    assert (code, err) == (0, ""), out
    for question, out_of in points.items():
        assert re.search(rf"ok {question} +{out_of:g} of {out_of:g}\n", out)
    total = sum(points.values())
    assert f"{total:g} of {total:g} points" in out
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    (result,) = json.loads((tmp_path / "results.json").read_text())
    assert (result["exercise"], result["points"], result["out_of"]) == (name, total, total)
    assert [entry["question"] for entry in result["questions"]] == list(points)
    assert all(entry["criteria"] for entry in result["questions"])
    assert result["remarks"] == []  # every other cell runs, too
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name, "results.json"]


@pytest.mark.parametrize(
    ("answer", "shown"),
    [("YOUR ANSWER HERE", False), (" YOUR ANSWER HERE\n", False), ("Because.", True), (None, True)],
)
def test_a_model_answer_is_for_who_has_written_one(tmp_path, monkeypatch, answer, shown):
    """Also where the notebook has lost its cell for words: nobody can tell."""
    path = write_notebook(tmp_path / "leaf_tensors.ipynb", [IMPORT])
    notebook = json.loads(path.read_text())
    if answer is not None:
        notebook["cells"].append({"cell_type": "markdown", "source": answer})
    path.write_text(json.dumps(notebook))
    monkeypatch.setattr(selfcheck, "Run", Solved)
    board = selfcheck.scoreboard(selfcheck.check_notebook(path, 1.0))
    assert (checks.model_answer("leaf_tensors").split()[:5] == board_words(board)) == shown
    assert ("Answer the question in words, too" in board) != shown


def board_words(board: str) -> list[str]:
    """The first words of the model answer that is shown."""
    return board.partition("a model answer in words:")[2].split()[:5]


class Solved:
    """In the place of a `Run`: all points, and no kernel."""

    def __init__(self, *_):
        self.outcomes = {q: Outcome(q, points, points, "") for q, points in POINTS.items()}
        self.remarks = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def cell(self, code):
        pass


@QUICKLY
def test_the_release_earns_nothing_and_is_told_why(l2l, tmp_path, real, exercise):
    path = write_notebook(tmp_path / "unnamed.ipynb", code_cells(real(exercise)[1]))
    code, out, err = l2l("check", path.name)
    assert (code, err) == (1, "")
    for question, out_of in checks.get_check(short(exercise)).points.items():
        reason = rf"\n{question}: 0 of {out_of:g} points\n.*NotImplementedError is still raised\n"
        assert re.search(reason, out), question
    assert " raised " not in out.replace("still raised", "")  # no cell fails but by its answer


def test_a_notebook_with_everything_that_goes_wrong_in_cells(l2l, tmp_path, real):
    solution, release = real(FIRST)
    codes = code_cells(release)  # untouched, but:
    solved = {code.split("(")[0]: code for code in code_cells(solution)}
    codes = replaced(codes, "def kind", solved["def kind"])
    codes = replaced(codes, "def put", "def put(:")  # its check finds nothing of that name
    codes = replaced(codes, "def first_order", solved["def first_order"])
    codes = replaced(codes, check_cell("first_order"), "# no check here any more")
    answer_and_check = f"%%time\n{solved['def sgd_step']}\nprint(check('sgd_step'))"
    codes = replaced(codes, "def sgd_step", answer_and_check)
    codes.remove(check_cell("sgd_step"))
    codes = replaced(
        codes,
        "def learn_rates",
        "import warnings\nwarnings.warn('hm')\nprint('x' * 10**7)\n%cd /\nwhile True: pass",
    )
    codes.insert(1, "1 / 0")
    codes.insert(2, "input('your name?')")
    codes.append("kind = None  # a second thought after the check")
    cells = [
        {"cell_type": "code", "id": f"vs-{k}", "metadata": {"vscode": {}}, "source": [code]}
        for k, code in enumerate(codes)
    ]
    path = tmp_path / "unnamed.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {"kernelspec": {"name": "venv7"}}}))
    code, out, err = l2l("check", path, "--timeout", 5)
    assert (code, err) == (1, "")
    earned = {"kind": 2, "sgd_step": 2, "put": 0, "loss_after": 0, "first_order": 2}
    for question, points in earned.items():
        assert re.search(rf"{question} +{points} of {POINTS[question]:g}\n", out), question
    assert re.search(r"-- learn_rates +0 of 2\n", out)
    points = sum(earned.values())
    assert f"{points:g} of 17 points" in out
    assert "put: 0 of 3 points\n" in out  # and what the check says about it
    assert "In [2] (1 / 0) raised ZeroDivisionError: division by zero" in out
    assert "In [3] (input('your name?')) raised StdinNotImplementedError" in out
    assert re.search(r"In \[\d+\] \(def put\(:\) raised SyntaxError", out)
    assert re.search(r"In \[\d+\] \(import warnings\) ran longer than 5 s and was stopped", out)
    assert "--timeout 300 gives each cell five minutes" in out
    assert "kind: " not in out  # full points need no reason


def test_a_kernel_that_dies(l2l, tmp_path, real):
    """The points before and after are kept: a fresh kernel runs the other cells again."""
    codes = code_cells(real(FIRST)[0])
    place = codes.index(check_cell("put"))
    codes[place:place] = ["import os\nos._exit(3)"]
    code, out, err = l2l("check", write_notebook(tmp_path / "leaf_tensors.ipynb", codes))
    assert (code, err) == (0, "")
    assert f"{ALL:g} of {ALL:g} points" in out
    assert f"In [{place + 1}] (import os) ended its kernel (exit code 3)" in out


def test_an_answer_that_ends_its_kernel(l2l, tmp_path, real):
    codes = code_cells(real(FIRST)[0])
    codes = replaced(codes, "def put", "import os\ndef put(module, name, tensor):\n    os._exit(3)")
    code, out, err = l2l("check", write_notebook(tmp_path / "leaf_tensors.ipynb", codes))
    assert (code, err) == (1, "")
    assert re.search(rf"put +0 of {POINTS['put']:g}", out)
    assert f"{ALL - POINTS['put']:g} of {ALL:g} points" in out
    assert "the answer to 'put' ended its kernel (exit code 3)" in out


def test_kernels_that_die_again_and_again(l2l, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "RESTARTS", 1)
    path = write_notebook(
        tmp_path / "leaf_tensors.ipynb", ["import os\nos._exit(3)"] * 3 + ["1 / 0"]
    )
    code, out, err = l2l("check", path)
    assert (code, err) == (1, "")
    assert f"0 of {ALL:g} points" in out
    assert f"{', '.join(POINTS)}: not examined: after 1 fresh kernels there is no other" in out
    assert "In [3]" not in out


def test_a_kernel_with_limits(monkeypatch, tmp_path):
    """Stopped; stopped by force; and nothing stays behind, neither files nor processes."""
    monkeypatch.setattr(kernel, "GRACE", 3.0)
    startup = tmp_path / "profile_default/startup/first.py"  # the user's own IPython
    startup.parent.mkdir(parents=True)
    startup.write_text("spoilt = True")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with kernel.Kernel() as fresh:
        process = fresh.manager.provisioner.process
        assert (
            fresh.run("import os, time; open('mark', 'w').write(os.getcwd())", 20.0).how == "fine"
        )
        assert fresh.run("open('tqdm.py', 'w').write('1 / 0')", 20.0).how == "fine"
        assert fresh.run("import tqdm; 'spoilt' in globals() and spoil", 20.0).how == "fine"
        ended = fresh.run("raise ValueError('one\\ntwo')", 20.0)
        assert ended == kernel.Ended("error", "ValueError: one")
        assert fresh.run("while True: print('x' * 100)", 1.0).how == "late"
        assert fresh.run("assert In[-1].startswith('assert')", 20.0).how == "fine"
        thrice = "for _ in range(3):\n    try: time.sleep(9)\n    except KeyboardInterrupt: pass"
        assert fresh.run(thrice, 1.0) == kernel.Ended("late")  # as in a check of three criteria
        swallow = "while True:\n    try: time.sleep(9)\n    except BaseException: pass"
        assert fresh.run(swallow, 1.0) == kernel.Ended("stuck")
    assert process.poll() is not None
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with kernel.Kernel() as fresh:
        folder = fresh.manager.provisioner.cwd
        one = "import torch; assert torch.get_num_threads() == 1"  # as in the sandbox
        assert fresh.run(one, 60.0).how == "fine"
        assert list(Path(folder).iterdir()) == []
        ended = fresh.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 20.0)
        assert ended.how == "dead"
        assert "memory" in ended.message
    assert not Path(folder).exists()


# Without one


class NoKernel(kernel.Kernel):
    """Answers at once."""

    def __init__(self):
        self.ran, self.used = [], 0.0

    def run(self, code, seconds, count=True, outputs=None):
        self.ran.append((code, seconds))
        return kernel.Ended("fine")

    def answers(self):
        return True


def test_time_in_all(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(running.time, "monotonic", lambda: now[0])
    run = Run(checks.get_check("leaf_tensors"), Limits(cell=2.0, notebook=20.0))
    run.kernel, run.end = NoKernel(), 20.0
    run.cell("a")
    now[0] = 19.5
    run.cell("b")
    now[0] = 20.0
    run.cell("c")
    assert run.kernel.ran == [("a", 2.0), ("b", 0.5)]
    outcome = run.examine("kind")
    assert outcome.text == "not examined: the notebook took longer than 20 s in all"
    assert not outcome.examined
    run.outcomes["put"] = earlier = Outcome("put", 4.0, 4.0, "")
    assert run.examine("put") is earlier  # what was found before the end stays


BAD = {
    "missing": ("no.ipynb", "there is no file no.ipynb"),
    "broken": ("broken.ipynb", "broken.ipynb is broken, or no notebook"),
    "a script": ("script.py", "script.py is broken, or no notebook"),
    "not text": ("image.ipynb", "image.ipynb is broken, or no notebook"),
    "an old format": ("old.ipynb", "it has no list of cells"),
    "another notebook": ("other.ipynb", "other.ipynb is not an exercise of this course"),
    "an unknown exercise": ("later.ipynb", "which this version of the course does not have"),
    "an empty folder": ("folder", "there is no notebook in folder"),
    "json in a file": ("other.ipynb --json script.py/x.json", "cannot write"),
    "no time": ("other.ipynb --timeout 0", "--timeout"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(l2l, tmp_path, case):
    arguments, message = BAD[case]
    (tmp_path / "broken.ipynb").write_text('{"cells": [')
    (tmp_path / "script.py").write_text("x = 1")
    (tmp_path / "image.ipynb").write_bytes(b"\x89PNG\xff")
    (tmp_path / "old.ipynb").write_text('{"worksheets": []}')
    write_notebook(tmp_path / "other.ipynb", ["x = 1"])
    write_notebook(tmp_path / "later.ipynb", ["from l2l_ref.checks.later import check"])
    (tmp_path / "folder/.ipynb_checkpoints").mkdir(parents=True)
    write_notebook(tmp_path / "folder/.ipynb_checkpoints/leaf_tensors.ipynb", [IMPORT])
    code, out, err = l2l("check", *arguments.split())
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())
    assert "Traceback" not in err


def test_an_exercise_is_told_by_its_import_line_its_name_or_its_questions(tmp_path, exercise):
    name = short(exercise)
    for path, codes in {
        "x.ipynb": [f"from l2l_ref.checks.{name} import check"],
        f"{name}-solved.ipynb": ["x = 1"],
        f"{exercise}/x.ipynb": ["x = 1"],
        "y.ipynb": [check_cell(question) for question in checks.get_check(name).points],
    }.items():
        assert selfcheck.recognise(tmp_path / path, codes) == name


def test_what_tells_no_exercise(tmp_path):
    with pytest.raises(selfcheck.NotAnExercise, match="by its line 'from l2l_ref"):
        selfcheck.recognise(tmp_path / "x.ipynb", ["check('nothing')"])


@pytest.mark.parametrize(
    ("found", "exit_code"),
    [
        ({"a": 2.0, "b": 2.0}, 0),
        ({"a": 2.0, "b": None}, 0),
        ({"a": 2.0, "b": 1.0}, 1),
        ({"a": 1.0, "b": "broken"}, 2),
        ({"a": 2.0, "b": "broken", "c": 2.0}, 2),
        ({"a": None}, 2),
    ],
)
def test_a_folder(l2l, tmp_path, monkeypatch, found, exit_code):
    def check_notebook(path, seconds):
        match found[path.stem]:
            case None:
                raise selfcheck.NotAnExercise("")
            case "broken":
                raise InputError(f"{path} is broken")
            case points:
                text = f"kind: {points:g} of 2 points\n  the reason"
                outcome = Outcome("kind", points, 2.0, text, [{"title": ""}])
                return Result(path, "leaf_tensors", "1", [outcome], [])

    monkeypatch.setattr(selfcheck, "check_notebook", check_notebook)
    for name in found:
        write_notebook(tmp_path / "hand-ins" / name / f"{name}.ipynb", [])
    code, out, err = l2l("check", "hand-ins", "--json", "all.json")
    assert (code, err) == (exit_code, "")
    for name, points in found.items():
        path = f"hand-ins/{name}/{name}.ipynb"
        if points is None:
            assert f"-- {path}: not an exercise of this course\n" in out
        elif points == "broken":
            assert f"-- {path} is broken\n" in out
        else:
            mark = "ok" if points == 2 else "--"
            assert f"{mark} {path}: {points:g} of 2 points\n" in out
    assert ("the reason" in out) == (1.0 in found.values())
    count = sum(isinstance(points, float) for points in found.values())
    assert len(json.loads((tmp_path / "all.json").read_text())) == count
