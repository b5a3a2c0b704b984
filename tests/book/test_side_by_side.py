"""A chapter runs again when something that it read has changed, and only then."""

import os
import re
from pathlib import Path

import pytest
from forked import Program, environment_without

pytest.importorskip("myst_nb")

ROOT = Path(__file__).parents[2]

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "book/_ext")!r})
extensions = ["myst_nb", "side_by_side"]
nb_execution_mode = "cache"
nb_execution_timeout = 60
exclude_patterns = ["_build"]
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


class Book:
    """A course with a book of three chapters."""

    def __init__(self, folder: Path):
        self.course = folder / "course"
        (self.course / "book").mkdir(parents=True)
        self.write("book/conf.py", CONF)
        self.write("book/index.md", "# A book\n\n```{toctree}\none\ntwo\nthree\n```\n")
        self.write("toy.py", "VALUE = 1\n")
        self.write("other.py", "VALUE = 2\n")
        self.write("artifact.json", "[3]")
        for name, code in CHAPTERS.items():
            self.write_chapter(name, code)

    def write(self, name: str, text: str) -> None:
        (self.course / name).write_text(text)

    def write_chapter(self, name: str, code: str) -> None:
        code = f"{NOTE.format(name=name)};\n{code}"
        self.write(f"book/{name}.md", PAGE.format(code=code))

    def build(self, *, fails: bool = False) -> tuple[set[str], str]:
        """Which chapters ran, and what was said."""
        before = {name: self.runs(name) for name in CHAPTERS}
        out = self.course / "book/_build"
        program = Program(
            "sphinx.cmd.build:main",
            *("sphinx-build", "-W", "-q", "book", str(out / "html")),
            folder=self.course,
            environment=environment_without() | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
        _, errors = program.communicate(timeout=300)
        assert bool(program.returncode) == fails, errors
        return {name for name in CHAPTERS if self.runs(name) > before[name]}, errors

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


@pytest.mark.parametrize("page", sorted((ROOT / "book").glob("*.md")), ids=lambda page: page.stem)
def test_no_number_on_a_page_is_a_time(page):
    """Chapters run side by side: what a clock says in one depends on the other."""
    clocks = r"perf_counter|process_time|monotonic|time\.time|timeit|thread_time"
    cells = re.findall(r"```\{code-cell\}.*?```", page.read_text(), re.DOTALL)
    assert not [cell for cell in cells if re.search(clocks, cell)]
