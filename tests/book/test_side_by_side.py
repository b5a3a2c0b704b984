"""A chapter runs again when something that it read has changed, and only then."""

import os
import re
import shutil
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from forked import Program, environment_without

pytest.importorskip("myst_nb")

ROOT = Path(__file__).parents[2]

CONF = f"""
import os
import signal
import sys
sys.path.insert(0, {str(ROOT / "book/_ext")!r})
extensions = ["myst_nb", "side_by_side"]
nb_execution_mode = "cache"
nb_execution_timeout = 60
exclude_patterns = ["_build"]
html_static_path = ["_static"]


def setup(app):  # a build that is killed when all is read and nothing is written
    if os.environ.get("KILLED"):
        app.connect("html-page-context", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""

PAGE = """\
---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
---

# A chapter

```{{code-cell}} ipython3
{code}
```
"""

#: Each chapter notes that it runs. One reads a module, one that module's neighbour and an artifact.
NOTE = "open('../../{name}.ran', 'a').write('x')"
CHAPTERS = {
    "one": "import sys\nsys.path.insert(0, '..')\nimport toy\nprint('one has', toy.VALUE)",
    "two": "import sys\nsys.path.insert(0, '..')\nimport other\n"
    "print('two has', other.VALUE, open('../artifact.json').read())",
    "three": "import os\nprint('threads', os.environ['OMP_NUM_THREADS'])",
}

#: Ways to read something, and one to read only what the chapter has written itself.
WAYS = {
    "adding": "print(open('../artifact.json', 'r+').read())",
    "bytes": "import os\nfile = os.open('../artifact.json', os.O_RDONLY)\nprint(os.read(file, 9))",
    "listing": "import os\nprint(sorted(os.listdir('../folder')))",
    "globbing": "import pathlib\nprint(sorted(map(str, pathlib.Path('../folder').iterdir())))",
    "in_vain": "try:\n    print(open('../later').read())\nexcept OSError:\n    print('not yet')",
    "database": "import sqlite3\nwith sqlite3.connect('../base') as base:\n"
    "    print(base.execute('select * from numbers').fetchall())",
    "forked": "import os\nif not (child := os.fork()):\n"
    "    text = open('../artifact.json').read()\n"
    "    open('said', 'w').write(text)\n    os._exit(0)\n"
    "os.waitpid(child, 0)\nprint(open('said').read())",
    "own": "import os\nopen('own', 'w').write('1')\nprint(open('own').read())\nos.remove('own')",
}


class Book:
    """A course with a book of three chapters."""

    def __init__(self, folder: Path):
        self.course = folder / "course"
        self.write("book/conf.py", CONF)
        self.write("book/index.md", "# A book\n\n```{toctree}\none\ntwo\nthree\n```\n")
        self.write("book/_static/style.css", "/* old */")
        self.write("toy.py", "VALUE = 1\n")
        self.write("other.py", "VALUE = 2\n")
        self.write("artifact.json", "[3]")
        for name, code in CHAPTERS.items():
            self.write_chapter(name, code)

    def write(self, name: str, text: str) -> None:
        path = self.course / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def write_chapter(self, name: str, code: str) -> None:
        code = f"{NOTE.format(name=name)};\n{code}"
        self.write(f"book/{name}.md", PAGE.format(code=code))

    def build(self, *, fails: bool = False) -> tuple[set[str], str]:
        """Which chapters ran, and what was said."""
        before = {name: self.runs(name) for name in CHAPTERS | WAYS}
        program = self.begin()
        _, errors = program.communicate(timeout=300)
        assert bool(program.returncode) == fails, errors
        return {name for name in before if self.runs(name) > before[name]}, errors

    def begin(self, **variables: str) -> Program:
        return Program(
            "sphinx.cmd.build:main",
            *("sphinx-build", "-W", "-q", "book", str(self.course / "book/_build/html")),
            folder=self.course,
            environment=environment_without() | {"PYTHONDONTWRITEBYTECODE": "1"} | variables,
            session=True,
        )

    def runs(self, name: str) -> int:
        path = self.course.parent / f"{name}.ran"
        return len(path.read_text()) if path.exists() else 0

    def page(self, name: str) -> str:
        html = (self.course / f"book/_build/html/{name}.html").read_text()
        return re.sub(r"<[^>]+>", "", html)


def test_what_has_changed_runs_and_nothing_else(tmp_path):
    """One long life, because each build starts Sphinx and kernels."""
    book = Book(tmp_path)
    assert book.build()[0] == {"one", "two", "three"}
    assert "one has 1" in book.page("one")
    assert "two has 2 [3]" in book.page("two")
    assert "threads 1" in book.page("three")
    assert book.build()[0] == set()

    book.write("toy.py", "VALUE = 10\n")
    assert book.build()[0] == {"one"}
    assert "one has 10" in book.page("one")
    book.write("artifact.json", "[30]")
    assert book.build()[0] == {"two"}
    assert "two has 2 [30]" in book.page("two")
    book.write_chapter("three", "print('new')")
    assert book.build()[0] == {"three"}
    os.utime(book.course / "toy.py")  # touched, and says the same
    assert book.build()[0] == set()

    # a chapter that fails is named with its traceback, at this build and at the next
    book.write("other.py", "VALUE = 1 / 0\n")
    for _ in range(2):
        _, said = book.build(fails=True)
        assert "two.md failed" in said
        assert "ZeroDivisionError" in said
    book.write("other.py", "VALUE = 20\n")
    assert book.build()[0] == {"two"}
    assert "two has 20 [30]" in book.page("two")

    # outputs that came, and a page that was never written from them
    book.write("toy.py", "VALUE = 100\n")
    book.write_chapter("three", "print('newer')\n1 / 0")
    book.build(fails=True)
    book.write_chapter("three", "print('newer')")
    book.build()
    assert "one has 100" in book.page("one")
    assert "newer" in book.page("three")


def test_whatever_a_chapter_reads_it_runs_again(tmp_path):
    book = Book(tmp_path)
    base = sqlite3.connect(book.course / "base")
    with base:
        base.execute("create table numbers (number)")
    book.write("folder/first", "")
    for name, code in WAYS.items():
        book.write_chapter(name, code)
    book.write("book/index.md", "# A book\n\n```{toctree}\n:glob:\n*\n```\n")
    assert book.build()[0] == {*CHAPTERS, *WAYS}
    assert book.build()[0] == set()
    book.write("artifact.json", "[30]")
    book.write("folder/second", "")
    book.write("later", "now")
    with base:
        base.execute("insert into numbers values (4)")
    assert book.build()[0] == {"two", *WAYS} - {"own"}
    assert "second" in book.page("listing")
    assert "now" in book.page("in_vain")
    assert book.build()[0] == set()


def test_a_page_shows_what_the_course_is_now(tmp_path):
    """After a kill, with another style, without a chapter, in a folder below, and in a copy."""
    book = Book(tmp_path)
    book.build()
    book.write("toy.py", "VALUE = 10\n")
    killed = book.begin(KILLED="yes")
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    book.build()
    assert "one has 10" in book.page("one")

    html = book.course / "book/_build/html"
    book.write("book/_static/style.css", "/* new */")
    assert book.build()[0] == set()
    assert "new" in (html / "_static/style.css").read_text()

    (book.course / "book/two.md").unlink()
    below = CHAPTERS["one"].replace("'..'", "'../..'")
    book.write("book/below/one.md", PAGE.format(code=below))
    book.write("book/index.md", "# A book\n\n```{toctree}\none\nbelow/one\nthree\n```\n")
    book.build()
    assert not (html / "two.html").exists()
    book.write("toy.py", "VALUE = 100\n")
    book.build()
    assert "one has 100" in book.page("below/one")

    copy = tmp_path / "copy"
    shutil.copytree(book.course, copy / "course")
    book.course = copy / "course"
    book.write("toy.py", "VALUE = 1000\n")
    book.build()
    assert "one has 1000" in book.page("one")


def test_two_builds_at_once_run_each_chapter_once(tmp_path):
    book = Book(tmp_path)
    both = [book.begin(), book.begin()]
    said = [program.communicate(timeout=300) for program in both]
    assert [program.returncode for program in both] == [0, 0], said
    assert [book.runs(name) for name in CHAPTERS] == [1, 1, 1]
    assert "one has 1" in book.page("one")


def test_what_cannot_be_right_is_refused(tmp_path):
    book = Book(tmp_path)
    book.write("l2l_ref/__init__.py", "")  # the one that is imported is another
    _, said = book.build(fails=True)
    assert "make install" in said
    (book.course / "l2l_ref/__init__.py").unlink()
    (book.course / "l2l_ref").rmdir()
    book.build()
    (base,) = book.course.rglob("global.db")
    base.write_text("no database")
    _, said = book.build(fails=True)
    assert f"{base.parent} is broken; remove it" in said


def test_ctrl_c_ends_the_build_and_its_kernels(tmp_path):
    book = Book(tmp_path)
    waits = "import os, pathlib, time\npathlib.Path('kernel').write_text(str(os.getpid()))\n"
    book.write_chapter("three", waits + "time.sleep(600)")
    program, note = book.begin(), book.course / "book/kernel"
    assert comes(lambda: note.exists() and note.read_text())
    os.killpg(program.pid, signal.SIGINT)
    program.communicate(timeout=60)
    assert program.returncode
    assert comes(lambda: not Path("/proc", note.read_text()).exists())

    book.write_chapter("three", "print('short')")
    book.build()
    assert "one has 1" in book.page("one")
    assert "short" in book.page("three")


def comes(true, seconds: float = 60) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(true())


@pytest.mark.parametrize("page", sorted((ROOT / "book").glob("*.md")), ids=lambda page: page.stem)
def test_no_number_on_a_page_is_a_time(page):
    """Chapters run side by side: what a clock says in one depends on the other."""
    clocks = r"perf_counter|process_time|monotonic|time\.time|timeit|thread_time"
    cells = re.findall(r"```\{code-cell\}.*?```", page.read_text(), re.DOTALL)
    assert not [cell for cell in cells if re.search(clocks, cell)]
