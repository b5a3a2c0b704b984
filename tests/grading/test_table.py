"""What the table says of lateness and of scores by hand."""

from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from classes import row

from l2l_ref.grading.classroom import table

GUIDE = (Path(__file__).parents[2] / "book/instructor.md").read_text()


def test_columns_that_say_nothing_are_left_out():
    assert table._rows([row(total=17.0)])[0].split() == [
        *("student", "points", "repaired", "flags", "seconds")
    ]
    assert "by hand" in table._rows([row(), row(by_hand=2.5)])[0]
    assert "late" not in table._rows([row(), row(by_hand=2.5)])[0]


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (0.001, "1 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "120 min"),
        (7200, "2 h"),
        (71 * 3600, "71 h"),
        (72 * 3600, "3 d"),
        (72 * 3600 + 1, "4 d"),
    ],
)
def test_how_late(late, said):
    assert table._late(row(late=late)) == said
    assert table._late(row(late=late, penalty=1.70000000001)) == f"{said} -1.7"


def test_the_example_in_the_guide():
    """What the guide prints is what the table prints."""
    rows = [
        row(student="ann", by_hand=2.5, total=19.5),
        row(student="bob", by_hand=3.0, late=26 * 3600, penalty=4.0, total=16.0, graded_now=False),
        row(student="cleo", points=11.0, undated=True),
        row(student="dan", points=9.0, by_hand=2.0, late=600, penalty=1.1, total=9.9),
    ]
    assert "\n".join(table._rows(rows)) in GUIDE
