"""What the commands need, and what travels in the package."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

EXTRAS = ("nbgrader", "jupytext", "nbformat", "jupyter_client", "ipykernel", "IPython", "zmq")

# A finder that goes first and knows nothing of the extras.
WITHOUT_EXTRAS = f"""
import sys
class Missing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in {EXTRAS}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing)
"""


def python(code: str, folder, *arguments: str, **environment: str):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def without_extras(folder, *arguments: str):
    """Run the command where only the base package is installed."""
    code = f"{WITHOUT_EXTRAS}\nfrom l2l_ref import cli\nsys.argv[0] = 'l2l'\ncli.main()"
    return python(code, folder, *arguments)


def test_the_package_needs_no_extra(tmp_path):
    modules = "l2l_ref, l2l_ref.cli, l2l_ref.checks, l2l_ref.grading.release.start"
    done = python(f"import {modules}, sys; print(*sys.modules)", tmp_path)
    assert done.returncode == 0, done.stderr
    assert not {*EXTRAS, "torch"} & set(done.stdout.split())
    done = without_extras(tmp_path, "start", "1")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "work/01_leaf_tensors/leaf_tensors.ipynb").exists()


@pytest.mark.parametrize(
    ("arguments", "module", "extra"),
    [
        (("check", "work"), "jupyter_client", "exercises"),
        (("exercises", "build"), "jupytext", "grading"),
        (("exercises", "check"), "jupytext", "grading"),
    ],
)
def test_a_missing_extra_is_named(tmp_path, arguments, module, extra):
    done = without_extras(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"l2l: this command needs {module}, which is not installed")
    assert f'pip install -e "{ROOT}[{extra}]"' in done.stderr


def test_the_exercises_travel_in_the_wheel_and_the_source_distribution(tmp_path):
    """`l2l start` after an installation from a wheel, where no checkout is."""
    pytest.importorskip("setuptools", minversion="77")
    tree = tmp_path / "tree"
    tree.mkdir()
    needed = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "LICENSE-prose", "l2l_ref")
    for name in (*needed, "exercises"):
        done = subprocess.run(["cp", "-r", ROOT / name, tree / name])
        assert done.returncode == 0
    build = "import sys; from setuptools import build_meta as b; getattr(b, sys.argv[1])('dist')"
    for kind in ("build_sdist", "build_wheel"):
        done = python(build, tree, kind)
        assert done.returncode == 0, done.stderr[-2000:]
    released = sorted(path.relative_to(ROOT) for path in (ROOT / "exercises").glob("*/*.ipynb"))
    (wheel,), (source,) = (tree / "dist").glob("*.whl"), (tree / "dist").glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
        assert {str(path) for path in released} <= names
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert {f"l2l_ref/{path}" for path in released} <= names
        modules = {str(path.relative_to(ROOT)) for path in (ROOT / "l2l_ref").rglob("*.py")}
        assert modules - names == {"l2l_ref/grading/classroom/hub/jupyterhub_config.py"}
        assert "l2l_ref/figures/playground/playground.js" in names
        assert not [name for name in names if "solutions" in name]
        archive.extractall(tmp_path / "site")
    start = "import l2l_ref, sys; print(l2l_ref.__file__); from l2l_ref import cli; cli.main()"
    home = tmp_path / "home"
    home.mkdir()
    done = python(start, home, "start", "leaf_tensors", PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "site") in done.stdout
    for path in released:
        if path.parent.name == "01_leaf_tensors":
            copy = home / "work" / path.relative_to("exercises")
            assert copy.read_bytes() == (ROOT / path).read_bytes()


def test_help_names_the_commands(tmp_path):
    done = without_extras(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("start", "check", "exercises"):
        assert f"  {command} " in done.stdout
    done = without_extras(tmp_path, "exercises", "--help")
    assert "  build " in done.stdout
    assert "  check " in done.stdout
