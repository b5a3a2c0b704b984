"""What CONTRIBUTING.md and README.md tell people to type is there to be typed."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / name).read_text() for name in ("CONTRIBUTING.md", "README.md")}
TEXT = "\n".join(PAGES.values())


def typed(start: str) -> list[str]:
    """The commands that begin so, in code of either kind."""
    code = re.findall(r"```\n(.*?)```", TEXT, re.DOTALL) + re.findall(r"`([^`\n]+)`", TEXT)
    lines = {line.partition("#")[0].strip() for block in code for line in block.splitlines()}
    return sorted(line for line in lines if line.startswith(start))


@pytest.mark.skipif(not (ROOT / ".venv/installed").exists(), reason="make has installed nothing")
@pytest.mark.parametrize("command", typed("make "))
def test_make_knows_its_targets(command):
    done = subprocess.run(
        ["make", "--dry-run", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", typed("l2l "))
def test_the_command_line_knows_its_commands(l2l, command):
    words = [word for word in command.split()[1:] if word.islower() and word.isalpha()]
    if words:
        code, out, err = l2l(words[0], "--help")
        assert code == 0, err
        for option in re.findall(r"--[a-z-]+", command):
            assert option in out


#: Where a path in the text may begin, and folders that are made by whoever works there.
PLACES = (
    ROOT,
    ROOT / "l2l_ref",
    ROOT / "l2l_ref/checks/leaf_tensors",
    ROOT / "tests/graders/leaf_tensors",
)
MADE = {"work/", ".nbgrader/"}


def test_every_file_named_is_there():
    paths = re.findall(r"`((?:[\w.-]+/)*[\w.-]+(?:/|\.py|\.md|\.txt|\.toml|\.yml))`", TEXT)
    for path in set(paths) - MADE:
        one = path.replace("NN_NAME", "01_leaf_tensors").replace("NAME", "leaf_tensors")
        assert any((place / one).exists() for place in PLACES), path


@pytest.mark.slow
@pytest.mark.parametrize("command", typed(".venv/bin/pytest"))
def test_one_units_tests_can_be_picked(command):
    arguments = re.findall(r'"[^"]*"|\S+', command.partition(" ")[2])
    done = subprocess.run(
        [ROOT / ".venv/bin/pytest", "--collect-only", "-q", *(a.strip('"') for a in arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert len(re.findall(r"::", done.stdout)) > 50
