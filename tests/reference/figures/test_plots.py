"""Figures: what they draw, and that they read on light, on dark, and in files."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from l2l_ref.figures import plots
from l2l_ref.support.errors import InputError


def falling(factor, steps=100):
    return [10 * factor**step for step in range(steps)]


RESULT = {
    "task": "quadratics",
    "steps": 100,
    "functions": 1000,
    "optimizers": {
        name: {"curve": falling(factor), "curve_ci95": [y / 9 for y in falling(factor)]}
        for name, factor in (("lstm", 0.95), ("adam", 0.961), ("nag", 0.96), ("cg", 0.3))
    },
}


@pytest.fixture
def figure():
    figure, axes = plots.new_figure()
    plots.learning_curves(axes, RESULT)
    return figure


def test_curves_are_the_results(figure):
    (axes,) = figure.axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
    assert drawn["LSTM"] == RESULT["optimizers"]["lstm"]["curve"]
    assert drawn["conjugate gradient"] == RESULT["optimizers"]["cg"]["curve"]
    assert axes.get_yscale() == "log"
    assert axes.get_title(loc="left") == "quadratics, 1,000 fresh functions"


def test_lines_can_be_told_apart_without_colour(figure):
    (axes,) = figure.axes
    dashes = [str(line._unscaled_dash_pattern) for line in axes.lines]
    assert len(set(dashes)) == len(dashes)
    looks = [look[1:] for look in plots.LOOKS.values()]
    assert len({str(dashes) for _, dashes in looks}) == len(looks)


def test_names_stand_beside_the_curves_and_apart(figure):
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    assert {text.get_text() for text in axes.texts} >= {"LSTM", "Adam", "NAG"}
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_a_picture_takes_the_colours_of_its_page(figure):
    svg = plots.Picture(figure, 'curves & "names"').svg()
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'curves & "names"'
    assert "currentColor" in svg
    assert not re.search(r"#0{6}\b", svg)
    assert "http:" not in re.sub(r'(xmlns[:\w]*|rdf:\w+)="[^"]*"', "", svg)


def test_pictures_share_no_ids_within_a_page(figure):
    def ids(svg):
        return set(re.findall(r'\bid="([^"]+)"', svg))

    first = plots.Picture(figure, "a").svg()
    references = set(re.findall(r'(?:url\(#|href="#)([^")]+)', first))
    assert references
    assert references <= ids(first)
    assert plots.Picture(figure, "a").svg() == first  # the same on every build
    figure.axes[0].plot([1, 2])
    assert not ids(plots.Picture(figure, "a").svg()) & ids(first)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_files(tmp_path, figure, ending):
    path = tmp_path / f"curves.{ending}"
    plots.save(figure, path)
    assert path.stat().st_size > 1000


def test_an_unknown_ending(figure):
    with pytest.raises(InputError, match=r"must end in one of .*\.png"):
        plots.save(figure, Path("curves.doc"))
