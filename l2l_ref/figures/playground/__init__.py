"""Pictures that the reader moves: the trained optimizer itself, run by the reader's browser.

`Playground` and `UpdateSurface` are shown by a notebook cell as one self-contained piece of HTML:
markup, style, weights and a script. The script is the plain JavaScript beside this file, each file
one idea, joined and wrapped in one function, so that nothing is loaded and no name leaks out.
Nothing moves by itself: each picture is drawn when the reader changes something, and stands still.
"""

import base64
import json
from importlib.resources import files

from ...minimizers import RATES
from ...optimizers import LSTMOptimizer
from ..plots import LOOKS

SOURCES = files(__name__)


class Playground:
    """The learned rule beside Adam, momentum and SGD on functions of two coordinates.

    Args:
        optimizer: the learned rule.

    Raises:
        ValueError: the optimizer sees more than the gradient itself.
    """

    scripts = (
        "lstm.js",
        "rules.js",
        "landscapes.js",
        "descent.js",
        "svg.js",
        "contours.js",
        "map.js",
        "curves.js",
        "controls.js",
        "playground.js",
    )

    def __init__(self, optimizer: LSTMOptimizer):
        rules = ("lstm", "adam", "momentum", "sgd")
        self.data = {
            "network": network(optimizer),
            "looks": {name: look(name) for name in rules},
            "rates": sorted(RATES),
        }

    def _repr_html_(self) -> str:
        return figure("playground", self.scripts, self.data)


class UpdateSurface:
    """The update against the gradient now and the one met some times before, to be turned.

    Args:
        optimizer: the learned rule.
        alt: what the surface shows, in words, for those who do not see it.
        reach: the largest gradient.
        times: how often the gradient before was met.
        height: the largest update on the vertical axis.

    Raises:
        ValueError: the optimizer sees more than the gradient itself.
    """

    scripts = ("lstm.js", "svg.js", "surface.js")

    def __init__(
        self,
        optimizer: LSTMOptimizer,
        alt: str,
        reach: float = 5.0,
        times: int = 10,
        height: float = 0.5,
    ):
        self.data = {
            "network": network(optimizer),
            "alt": alt,
            "reach": reach,
            "times": times,
            "height": height,
        }

    def _repr_html_(self) -> str:
        return figure("surface", self.scripts, self.data)


def network(optimizer: LSTMOptimizer) -> dict:
    """An optimizer as ``lstm.js`` reads it: each tensor as base64 of little-endian float32.

    Raises:
        ValueError: the optimizer sees more than the gradient itself, which the script cannot do.
    """
    if optimizer.preprocess:
        raise ValueError("the script has no log-and-sign; it takes a rule without preprocessing")
    weights = {
        name: base64.b64encode(tensor.detach().cpu().numpy().astype("<f4").tobytes()).decode()
        for name, tensor in optimizer.state_dict().items()
    }
    config = optimizer.config
    return {
        "outputScale": config["output_scale"],
        "hidden": config["hidden"],
        "weights": weights,
    }


def look(name: str) -> dict:
    """The label, colour and dashes that a rule has in all figures, in the units of SVG."""
    label, color, dashes = LOOKS[name]
    width = 2.4 if name == "lstm" else 1.6
    pattern = "none" if dashes == "-" else " ".join(f"{width * part:g}" for part in dashes[1])
    return {"label": label, "color": color, "dashes": pattern, "width": width}


def figure(kind: str, scripts: tuple[str, ...], data: dict) -> str:
    """One piece of HTML that needs nothing else.

    Args:
        kind: names the markup, and the function that brings the figure to life.
        scripts: the files that it takes, in an order in which constants come before their use.
        data: what the function is given besides the figure.
    """
    script = "\n".join((SOURCES / name).read_text() for name in scripts)
    given = json.dumps(data, ensure_ascii=False).replace("</", r"<\/")
    return (
        f'<figure class="l2l-{kind}">\n'
        f"<style>\n{(SOURCES / 'playground.css').read_text()}</style>\n"
        f"{(SOURCES / f'{kind}.html').read_text()}"
        f'<script>\n(() => {{\n"use strict";\n{script}\n'
        f'{kind}(document.currentScript.closest("figure"), {given});\n}})();\n</script>\n'
        "</figure>"
    )
