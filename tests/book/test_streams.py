"""Output that comes in pieces is joined without a break, as it is on a machine at rest."""

import runpy
from pathlib import Path

import pytest
from nbformat.v4 import new_output

render = pytest.importorskip("myst_nb.core.render")
joined = runpy.run_path(str(Path(__file__).parents[2] / "book" / "_ext" / "streams.py"))["joined"]


def printed(*pieces, name="stdout"):
    return [new_output("stream", name=name, text=piece) for piece in pieces]


@pytest.mark.parametrize(
    "pieces",
    [
        ("autograd:  ", " -0.5\nfinite", " differences: -0.5\n"),
        ("autograd:   -0.5", "\n", "finite differences: -0.5\n"),
        ("autograd:   -0.5\nfinite differences: -0.5\n",),
    ],
)
def test_where_the_pieces_are_cut_does_not_show(pieces):
    (output,) = render.coalesce_streams(joined(printed(*pieces)))
    assert output["text"] == "autograd:   -0.5\nfinite differences: -0.5\n"


def test_the_defect_is_still_there():
    """When this fails, myst_nb joins pieces itself, and the extension can go."""
    (output,) = render.coalesce_streams(printed("autograd:  ", " -0.5\n"))
    assert output["text"] != "autograd:   -0.5\n"


def test_streams_and_pictures_keep_their_order():
    picture = new_output("display_data", data={"text/plain": "a picture"})
    outputs = [*printed("a"), *printed("!", name="stderr"), picture, *printed("b"), picture]
    kept = joined(outputs)
    assert [output.get("text") for output in kept] == ["ab", "!", None, None]
