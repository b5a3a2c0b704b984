"""How the figures of the book look, and the curves that several of its pages draw.

The functions draw into axes they are given. `Picture` shows a figure in a page as an inline SVG
whose lines and letters take the page's colour, so that it reads on light and on dark. Lines
differ in dash and carry their names at their ends, so that they read without colour too.
"""

import hashlib
import html
import io
import itertools
import re
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..support.errors import InputError
from ..support.files import write_whole

STYLE = {
    "font.size": 12,  # readable when a phone shows the figure at half its width
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "savefig.bbox": "tight",
}


#: Told apart with any colour vision, visible on white and on black.
BLUE, ORANGE, GREY = "#2b83ba", "#d55e00", "#808080"


#: For each optimizer the name in figures, the colour and the dashes.
LOOKS = {
    "lstm": ("LSTM", ORANGE, "-"),
    "shipped": ("LSTM, shipped", ORANGE, (0, (4, 1))),
    "adam": ("Adam", BLUE, (0, (5, 1))),
    "rmsprop": ("RMSprop", "#c05fa0", (0, (3, 1, 1, 1))),
    "sgd": ("SGD", GREY, (0, (1, 1))),
    "momentum": ("momentum", "#b08900", (0, (7, 2, 1, 2))),
    "nag": ("NAG", "#009e73", (0, (8, 2))),
    "cg": ("conjugate gradient", GREY, (0, (1, 3))),
}


def new_figure(width: float = 5.8, height: float = 3.8, **subplots) -> tuple[Figure, Axes]:
    """A figure in the book's style with its axes; sizes in inches, as wide as the text at most.

    Args:
        subplots: passed on to ``Figure.subplots``, such as ``ncols=2``.
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots(**subplots)


def learning_curves(axes: Axes, result: dict, floor: float = 1e-2) -> None:
    """The mean loss over the steps, with its 95 % interval, for each optimizer of a result.

    Args:
        axes: to draw into; the loss gets a logarithmic scale.
        result: of `evaluation.evaluate`, or read from its JSON.
        floor: the smallest loss shown.
    """
    ends, top = {}, floor
    for name, entry in result["optimizers"].items():
        curve, half = np.array(entry["curve"]), np.array(entry["curve_ci95"])
        label, color, dashes = LOOKS.get(name, (name, GREY, "-"))
        width = 2.4 if label.startswith("LSTM") else 1.5
        axes.plot(curve, color=color, linestyle=dashes, linewidth=width, label=label)
        low, high = np.maximum(curve - half, floor / 10), np.maximum(curve + half, floor / 10)
        axes.fill_between(range(len(curve)), low, high, color=color, alpha=0.2, linewidth=0)
        top = max(top, high.max())
        shown = np.flatnonzero(curve >= floor)
        if len(shown):
            ends[label] = (float(shown[-1]), float(curve[shown[-1]]), color)
    axes.set_yscale("log")
    axes.set_ylim(floor, 1.5 * top)
    axes.set_xlim(0, result["steps"] - 1)
    axes.set_xlabel("step")
    axes.set_ylabel("mean loss")
    functions = f"{result['functions']:,} fresh functions"
    axes.set_title(f"{result['task']}, {functions}", loc="left", fontsize=12)
    name_the_ends(axes, ends)


def name_the_ends(axes: Axes, ends: dict[str, tuple[float, float, str]], gap: float = 0.06) -> None:
    """Write names beside the ends of curves, moved apart where they would overlap.

    Args:
        axes: whose limits and scales are final.
        ends: for each name x, y and colour.
        gap: between two names, as a share of the height.
    """
    right = axes.get_xlim()[1]
    to_axes = axes.transData + axes.transAxes.inverted()
    places = sorted((to_axes.transform((x, y))[1], name) for name, (x, y, _) in ends.items())
    at_right = [place for place in places if ends[place[1]][0] >= 0.9 * right]
    heights = [height for height, _ in at_right]
    for below, above in itertools.pairwise(range(len(heights))):
        heights[above] = max(heights[above], heights[below] + gap)
    for height, (_, name) in zip(heights, at_right, strict=True):
        axes.annotate(
            name, (1.02, height), xycoords="axes fraction", color=ends[name][2], va="center"
        )
    for _, name in set(places) - set(at_right):  # a curve that leaves through the bottom
        x, _, color = ends[name]
        axes.annotate(
            name,
            (x, 0.04),
            xycoords=("data", "axes fraction"),
            xytext=(10, 0),
            textcoords="offset points",
            color=color,
        )


def validation_curve(axes: Axes, history: list[dict], lines: dict[str, float]) -> None:
    """The validation during training, with its 95 % interval.

    Args:
        axes: to draw into.
        history: of `training.Training`.
        lines: named sums of losses to draw across, such as the best baseline's.
    """
    x = [entry["trajectory"] for entry in history]
    y = [entry["validation"] for entry in history]
    low, high = zip(*[entry["validation_ci95"] for entry in history], strict=True)
    axes.fill_between(x, low, high, color=ORANGE, alpha=0.2, linewidth=0)
    axes.plot(x, y, "o-", color=ORANGE, markersize=4)
    for name, value in lines.items():
        axes.axhline(value, color="#808080", linestyle=(0, (5, 2)), linewidth=1)
        axes.annotate(name, (1, value), xycoords=("axes fraction", "data"), ha="right", va="bottom")
    axes.set(xlabel="trajectories trained on", ylabel="sum of 100 losses", ylim=(0, None))


def check_ending(path: Path) -> None:
    """Check that a file's ending names a format that figures can be written in.

    Raises:
        InputError: it does not.
    """
    known = Figure().canvas.get_supported_filetypes()
    if path.suffix.lstrip(".") not in known:
        raise InputError(f"cannot draw {path}: its name must end in one of .{', .'.join(known)}")


def save(figure: Figure, path: Path) -> None:
    """Write a figure to a file, whole or not at all; the ending names the format.

    Raises:
        InputError: the ending is of no known format, or the file cannot be written.
    """
    check_ending(path)
    buffer = io.BytesIO()
    with rc_context(STYLE):
        figure.savefig(buffer, format=path.suffix.lstrip("."), dpi=160)
    write_whole(path, buffer.getvalue())


def show(name: str, value: object, form: str = "") -> None:
    """Put a value into a page's text, where ``{glue:text}`` names it.

    Args:
        name: in the page.
        value: a number, or text.
        form: as in a format string, such as ``.2f``; a minus becomes a real minus sign.
    """
    from myst_nb import glue  # comes with the book, not with the reference

    glue(name, f"{value:{form}}".replace("-", "\u2212"), display=False)


class Picture:
    """A figure for a page: make it the last expression of a notebook cell.

    Args:
        figure: what to show.
        alt: what it shows, in words, for those who do not see it.
    """

    def __init__(self, figure: Figure, alt: str):
        self.figure, self.alt = figure, alt

    def _repr_html_(self) -> str:
        return f"<figure>{self.svg()}</figure>"

    def svg(self) -> str:
        """The figure as SVG: black becomes the page's colour, the width follows the page."""
        buffer = io.StringIO()
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")  # laid out once, so that every call draws the same
        with rc_context({**STYLE, "svg.hashsalt": "l2l"}):
            self.figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        svg = buffer.getvalue()
        svg = svg[svg.index("<svg") :]
        svg = re.sub(r"(stroke|fill): ?#000000", r"\1: currentColor", svg)
        # Names must be unique in a page that holds several figures.
        mark = hashlib.blake2b(svg.encode(), digest_size=4).hexdigest()
        svg = re.sub(r'(id="|url\(#|href="#)', rf"\1p{mark}-", svg)
        label = html.escape(self.alt)
        return re.sub(
            r'width="([\d.]+pt)" height="[\d.]+pt"',
            rf'role="img" aria-label="{label}" fill="currentColor" '
            r'style="width: 100%; max-width: \1; height: auto"',
            svg,
            count=1,
        )
