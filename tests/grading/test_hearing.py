"""What a kernel loads of the course is heard, however it is spelled."""

import os
import subprocess
import sys
from importlib import import_module

import pytest

from l2l_ref.checks import EXERCISES, NAMES, get_check
from l2l_ref.grading.cage.hearing import ROOT, Hearing, needed_by, reasons

#: Runs code in a process that tells what it loads.
TELLING = """
import sys
from l2l_ref.grading.cage.hearing import tell
tell(int(sys.argv[1]))
FOLDER = sys.argv[3]
FILE = FOLDER + "/support/errors.py"
exec(sys.argv[2])
"""


def heard(code: str) -> tuple[list[str], int]:
    """What is told while some code runs, and its exit code."""
    hearing = Hearing()
    command = [sys.executable, "-c", TELLING, str(hearing.theirs), code, str(ROOT)]
    done = subprocess.run(command, pass_fds=[hearing.theirs], capture_output=True, text=True)
    hearing.handed_over()
    lines = hearing.heard()
    hearing.close()
    return lines, done.returncode


def test_nothing_is_told_of_what_is_no_part_of_the_course():
    assert heard("import colorsys; open('/dev/null')")[0] == []


@pytest.mark.parametrize(
    "code",
    [
        "import l2l_ref.support.errors",
        "__import__('l' + '2l_ref.support.errors')",
        "import importlib; importlib.import_module('l2l_ref.support.errors')",
        "open(FILE)",
        "import os; open(os.fsencode(FILE), 'rb')",
        "import pathlib; pathlib.Path(FILE).read_text()",
        "import os; os.open(FILE, os.O_RDONLY)",
        "import os; open(os.sep + FILE[1:].replace('/', '/./', 1))",
        "import os; open(os.path.dirname(FOLDER) + '/../' + '/'.join(FILE.split('/')[-4:]))",
        "open('/proc/self/root' + FILE)",
        "import numpy; numpy.fromfile(FILE, dtype='u1')",
        "import l2l_ref.support.errors\ndel sys.modules['l2l_ref.support.errors']",
        "import os\nos.write = lambda *_: 0\nimport l2l_ref.support.errors",
    ],
)
def test_a_part_is_heard_however_it_is_reached(code):
    (reason,) = reasons(heard(code)[0], needed_by(frozenset(["l2l_ref"])))
    assert "l2l_ref.support" in reason


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.chdir(FOLDER)",
        "import os; os.symlink(FOLDER, 'notes'); os.remove('notes')",
        "import subprocess as s; s.run(['cat', FILE])",
        "import os; os.system('cat ' + FILE)",
    ],
)
def test_a_way_round_is_heard(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    assert any("it did" in reason for reason in reasons(heard(code)[0], []))


@pytest.mark.parametrize("size", [1, 60, 340, 490])
def test_into_a_full_line_nothing_more_is_loaded(size):
    """Pages of the pipe may end half empty, where a line does not fit in any more."""
    code = f"""
for size in {size}, 9, 1:
    for k in range(5000):
        try:
            open("\U0001f600" * size + str(k) + "l2l_ref")
        except (OSError, RuntimeError):
            pass
open(FILE)
"""
    lines, exit_code = heard(code)
    assert exit_code != 0
    assert len(lines) > 20
    assert not any("errors.py" in line for line in lines)


@pytest.mark.parametrize(
    "cut", ["os.close(file)", "os.dup2(os.open('/dev/null', 1), file)", "os.dup2(1, file)"]
)
def test_without_the_line_nothing_more_is_loaded(cut):
    code = f"import os\nfile = int(sys.argv[1]); kept = os.dup(file); {cut}\nopen(FILE)"
    lines, exit_code = heard(code)
    assert exit_code
    assert lines == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_module_needs_is_what_it_loads(name):
    """Told from the code and seen in a process; code that has not run yet may load more."""
    module = f"l2l_ref.checks.{name}.run"
    code = f"import sys, {module}; print(*(m for m in sys.modules if m.split('.')[0] == 'l2l_ref'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= needed_by(frozenset([module]))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_answering_side_needs_no_answer(exercise):
    name = exercise.partition("_")[2]
    runs = {question.run.__module__ for question in get_check(name).questions.values()}
    needed = needed_by(frozenset(runs))
    answers = set(import_module(f"l2l_ref.checks.{name}.exam").ANSWERS)
    assert not answers & needed
    assert "l2l_ref.checks.examining" not in needed
