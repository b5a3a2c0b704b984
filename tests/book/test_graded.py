"""The directive that hands a reader over to the graded exercise."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
graded = runpy.run_path(str(ROOT / "book" / "_ext" / "graded.py"))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("", ""),
        ("https://github.com/someone/learned", "someone/learned"),
        ("https://github.com/someone/learned.git", "someone/learned"),
        ("https://github.com/some-one/learned.optimizers/", "some-one/learned.optimizers"),
    ],
)
def test_an_address_is_read(monkeypatch, address, place):
    monkeypatch.setenv("L2L_REPOSITORY", address)
    assert graded["address_of_repository"]() == place


@pytest.mark.parametrize("address", ["someone/learned", "https://github.com/someone", "git@x:a/b"])
def test_another_address_is_refused(monkeypatch, address):
    monkeypatch.setenv("L2L_REPOSITORY", address)
    with pytest.raises(ValueError, match="OWNER/NAME, or unset it"):
        graded["address_of_repository"]()
