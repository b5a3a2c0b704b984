"""The test of exercise 02: whether a layer computes with its weights, graph and all."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from ..examining import Suspect, must_be_kept, must_tell, shuffled, told

#: How often an ordinary right layer is among the suspects.
RIGHT = 3

#: How far a small error is off; the statement says 5 %.
OFF = 1.08

WEIGHT, BIAS, BOTH = 0, 1, slice(None)
TRAIN, EVAL = 0, 1


def right(generator: torch.Generator, n: int = 3, **special) -> dict:
    """A right layer with its x, see `suspects.run_carries_graph`; some things may be special."""

    def numbers(*shape: int) -> Tensor:
        return 0.5 + torch.rand(shape, generator=generator, dtype=torch.float64)

    asked = {"weight": numbers(n), "bias": numbers(n), "x": numbers(4, n), "x_is": "a constant"}
    asked |= {"trainable": True, "keeps": "", "formulas": ["wave", "wave"], "centred": None}
    asked["shares"] = torch.ones(2, 2, n, dtype=torch.float64)
    asked["scale"] = torch.ones(n, dtype=torch.float64)
    return asked | special


def share(factor: float, which=BOTH, entry=BOTH, mode=BOTH) -> Callable[[dict], dict]:
    """Some derivatives are multiplied by a factor."""

    def spoil(asked: dict) -> dict:
        shares = asked["shares"].clone()
        shares[mode, which, entry] = factor
        return asked | {"shares": shares}

    return spoil


def keeps(what: str) -> Callable[[dict], dict]:
    """It computes with something else than what stands there, see `suspects.Layer.used`."""
    return lambda asked: asked | {"keeps": what}


Mistakes = Mapping[str, Callable[[dict], dict]]

PLAIN: Mistakes = {
    "it cuts the graph of weight and bias": share(0.0),
    "it cuts the graph of weight": share(0.0, WEIGHT),
    "it computes with the numbers of its first weight for ever": keeps("the first weight"),
    "it computes with its first numbers for ever": keeps("the first numbers"),
    "its derivatives have the wrong sign": share(-1.0),
    "its derivatives are twice too large": share(2.0),
}
SMALL: Mistakes = {
    "its derivative in the last entry of weight is off by 8 %": share(OFF, WEIGHT, -1),
    "its derivative in the first entry of bias is off by 8 %": share(2 - OFF, BIAS, 0),
}
HIDDEN: Mistakes = SMALL | {
    "it cuts the graph of bias": share(0.0, BIAS),
    "it computes with the numbers of its first bias for ever": keeps("the first bias"),
    "a module in it cuts the graph of weight in eval mode": share(0.0, WEIGHT, mode=EVAL),
    "a module in it cuts the graph of bias in eval mode": share(0.0, BIAS, mode=EVAL),
    "a module in it cuts the graph of weight in training mode": share(0.0, WEIGHT, mode=TRAIN),
    "its derivative in the last entry of weight is 0": share(0.0, WEIGHT, -1),
    "its outputs are right, and its derivative in weight is NaN": share(torch.nan, WEIGHT),
    "its derivative in one entry of bias is NaN": share(torch.nan, BIAS, 1),
    "it computes with the tensors of its beginning, kept in a list": keeps("the first tensors"),
    "in eval mode it computes with what stood there when eval() was called": keeps(
        "those of eval()"
    ),
    "it computes with the tensors of the call before": keeps("the last call"),
    "it gives its first outputs again": keeps("the first call"),
    "it gives its last outputs again where x is the very same tensor": keeps("same x"),
    "it gives its last outputs again while the same tensor stands at weight": keeps("same weight"),
    "it gives its last outputs again while the same tensor stands at bias": keeps("same bias"),
}

IDEA = (
    "assign to weight and to bias, in both modes, a leaf of your own; compare the derivative of "
    "the outputs in it with differences of the outputs, entry by entry; these must not all be 0"
)
ROUNDING = (
    "differences are right to about 1e-16 / h of the size of the outputs; what is allowed beside "
    "that is a share of the derivative itself"
)


def centred_x(generator: torch.Generator) -> dict:
    """Columns of x have mean zero: the sum of the outputs does not depend on weight."""
    asked = right(generator, formulas=["line", "line"])
    return asked | {"x": asked["x"] - asked["x"].mean(0)}


def idle(generator: torch.Generator) -> dict:
    """The first column of x is 0, so that the first entry of weight moves nothing."""
    asked = right(generator, formulas=["line", "line"])
    asked["x"][:, 0] = 0
    return asked


def from_zero(generator: torch.Generator) -> dict:
    """Weight and bias are zeros at first."""
    asked = right(generator)
    return asked | {name: torch.zeros_like(asked[name]) for name in ("weight", "bias")}


def scaled(*columns: float) -> Callable:
    """Outputs of other sizes, a column for each."""
    scale = torch.tensor(columns, dtype=torch.float64)
    return lambda generator: right(generator, len(columns), scale=scale)


def that(**special) -> Callable:
    """Layers of which something is special."""
    return lambda generator: right(generator, **special)


#: What is special about some layers, what to look at where they are misjudged, and how they are.
SPECIAL: list[tuple[str, str, Callable]] = [
    ("two columns of outputs, around 1e-11 and 1e-15", ROUNDING, scaled(1e-11, 1e-15)),
    ("one column of outputs, around 1e15", ROUNDING, scaled(1e15)),
    ("the first column of the outputs is 10000 times as large", ROUNDING, scaled(1e4, *[1] * 23)),
    ("the columns of x have mean zero", "a plain sum of the outputs may not move", centred_x),
    ("each row of the outputs has mean zero", "their sum never moves", that(n=4, centred=1)),
    ("each column of the outputs has mean zero", "their sum never moves", that(centred=0)),
    ("another formula in eval mode", IDEA, that(formulas=["bend", "line"])),
    ("weight and bias are zeros at first", "a multiple of 0 is no other number", from_zero),
    (
        "x is divided by its deviation over the batch",
        "one row is no batch",
        that(formulas=["norm", "norm"]),
    ),
    ("the derivative changes fast", "h is too large; " + IDEA, that(formulas=["bend", "bend"])),
    ("its buffers require no gradient at first", "a leaf of your own does", that(trainable=False)),
    ("one column of x is 0", "some entries may move nothing, not all", idle),
]


def line_up(generator: torch.Generator, makes: list[Callable], mistakes: Mistakes) -> list[Suspect]:
    """Right layers, one of each kind, and for each mistake a wrong one, in random order.

    The mistakes go round the kinds.
    """
    found = [Suspect(make(generator)) for make in makes]
    for nth, (words, spoil) in enumerate(mistakes.items()):
        found.append(Suspect(spoil(makes[nth % len(makes)](generator)), words))
    return shuffled(found, generator)


def exam_carries_graph(generator, ask, report):
    """Layers that are plainly wrong; layers that are wrong in one place, or special."""

    def judge(makes: list[Callable], mistakes: Mistakes, special: str = "", idea: str = IDEA):
        suspects = line_up(generator, makes, mistakes)
        n = len(suspects[0].asked["weight"])
        given = f"layers with weight and bias of shape ({n},), float64"
        given += f"; {special}" if special else ""
        asked = {"probe_layers": [each.asked for each in suspects], "words": given}
        reply = told(ask, asked, given)
        must_tell(reply["said"], suspects, given, idea)
        return reply["changed"], given

    with report.criterion("test: right layers pass, and plainly wrong ones do not", 1):
        stays = (
            "only the layer is there to be changed; backward() fills every .grad that it finds, "
            "and a seed holds for all random numbers that are drawn afterwards"
        )
        must_be_kept(*judge([right] * RIGHT, PLAIN), stays)
        must_be_kept(*judge([that(x_is="a leaf")], {}, "x requires a gradient, and has one"), stays)
    with report.criterion("test: unusual layers, and layers wrong in one weight, entry or mode", 1):
        judge([right] * RIGHT, HIDDEN)
        for nth, (special, idea, make) in enumerate(SPECIAL):
            words = list(SMALL)[nth % 2]  # of weight or of bias: one is enough beside a right one
            judge([make], {words: SMALL[words]}, special, idea)
