"""The ways in which layers of exercise 02 are made and called."""

import itertools
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Case:
    """One way to make a layer, and to call it.

    Args:
        arguments: those without a name.
        options: those with one.
        shape: of a batch of its inputs.
        idea: what to look at when its outputs differ.
        modes: of the batches, one after the other: whether in training mode.
        given: what to give it besides its weights, by name.
        shapes: of the batches, where they differ.
        double: whether it is made while double precision is the default dtype.
        late: whether it is made in single precision and then turned to double.
        x_is: "a leaf", "a constant", "a result", or "a view", a constant whose strides are turned
            round.
        numbers: mean and standard deviation of the inputs.
        broken: whether the first entry of each batch is NaN.
        no_grad: whether it is called under no_grad().
        frozen: the weights that require no gradient.
        filled: pairs of a weight, where weights are results, and the one number that fills it.
        copied: whether it is a deep copy that is asked, made after a call.
    """

    arguments: tuple
    options: dict
    shape: tuple
    idea: str
    modes: tuple = (True,)
    given: tuple = ()
    shapes: tuple = ()
    double: bool = False
    late: bool = False
    x_is: str = "a leaf"
    numbers: tuple = (0.0, 1.0)
    broken: bool = False
    no_grad: bool = False
    frozen: tuple = ()
    filled: tuple = ()
    copied: bool = False

    @property
    def how(self) -> dict:
        """What the answering side is told besides."""
        frozen = [*self.frozen, *self.given]
        told = "double", "late", "no_grad", "x_is", "copied"
        asked = {name: getattr(self, name) for name in told}
        return asked | {"frozen": frozen, "filled": dict(self.filled)}

    @property
    def in_double(self) -> bool:
        """Whether its inputs and outputs are in double precision."""
        return self.double or self.late

    @property
    def words(self) -> str:
        """In what way it is called, where it is not the plain one."""
        many = len(self.modes) > 1
        parts = [f"{'batches' if many else 'a batch'} of shape {self.shape}"]
        if self.shapes:
            parts = [f"batches of shape {', then '.join(map(str, self.shapes))}"]
        if self.modes != (True,):
            runs = ((mode, len([*run])) for mode, run in itertools.groupby(self.modes))
            counted = (f"{n} " * many + f"in {'training' if m else 'eval'} mode" for m, n in runs)
            parts.append(", then ".join(counted))
        said = {
            "a view": "its strides are turned, as in x.permute(...)",
            "a constant": "it requires no gradient",
            "a result": "it is the result of a computation",
        }
        parts += ["in double precision, the default dtype"] * self.double
        parts += ["in double precision, to which the layer was turned when it was made"] * self.late
        parts += [said[self.x_is]] if self.x_is in said else []
        if self.numbers == (0.0, 0.0):
            parts.append("all its numbers are 0")
        elif self.numbers != (0.0, 1.0):
            parts.append("its numbers have mean {:g} and deviation {:g}".format(*self.numbers))
        parts += ["its first entry is NaN"] * self.broken + ["under no_grad()"] * self.no_grad
        parts += [f"{' and '.join(self.frozen)} frozen"] * bool(self.frozen)
        parts += ["the layer is a copy.deepcopy of one that was called"] * self.copied
        return ", ".join(parts)


LONG = (True,) * 30
AT_LAST_EVAL = (*LONG[1:], False)
TWICE = (True, False)
PLAIN = "nn.Linear computes x @ weight.T + bias; F.linear does just that"
KEEPS = "forward computes with what it is given, and with the weights as they are now"
SINGLE = "F.linear and its like take the precision of what they are given; nothing casts"
NUMBERS = "no number is special to a linear function: none is cut off, replaced or left out"
ANY = "inputs may have any number of dimensions, one included, and any strides"
ONE = (
    "a size of 1 is a size: squeeze(0) takes the first dimension away, and squeeze() every one of 1"
)
SIZES = (
    "every batch has a size of its own: nothing is kept of the size of an earlier one, whichever "
    "part of it the two have in common; a batch may be empty, or be no batch but a single example"
)
LATE = "what forward makes besides has the precision of its input, whatever the layer began with"


def in_sizes(arguments: tuple, options: dict, shapes: tuple) -> Case:
    """A layer that meets batches of different shapes one after the other, the last in eval mode."""
    modes = (True,) * (len(shapes) - 1) + (False,)
    return Case(arguments, options, shapes[0], SIZES, modes, shapes=shapes)


#: From each shape to the next one of these some part of it changes, and the rest stays.
ROWS = ((5, 3), (2, 3), (2, 4, 3), (5, 4, 3), (2, 0, 3), (0, 3), (3,))
LINEAR = [
    Case((3, 2), {}, (5, 3), PLAIN, TWICE),
    Case((2, 4), {"bias": False}, (3, 2), "with bias=False there is no bias at all"),
    Case((4, 3), {"bias": True}, (2, 3, 4), ANY),
]
LINEAR_STATES = [*LINEAR[:2], replace(LINEAR[2], copied=True)]
LINEAR_OUTPUTS = [
    *LINEAR,
    Case((3, 2, False), {}, (2, 3), "the third argument is bias"),
    Case((3, 1), {}, (3,), ONE),
    Case((1, 1), {}, (1, 1), ANY, x_is="a result"),
    Case((4, 3), {}, (2, 3, 4), ANY, x_is="a view"),
    Case((3, 2), {}, (5, 3), SINGLE, double=True),
    Case((3, 2), {"bias": False}, (5, 3), LATE, late=True),
    Case((3, 2), {}, (5, 3), NUMBERS, numbers=(0.0, 1e6)),
    Case((3, 2), {}, (5, 3), NUMBERS, numbers=(0.0, 1e-6)),
    Case((3, 2), {}, (5, 3), NUMBERS, broken=True),
    *(in_sizes((3, 2), {"bias": bias}, ROWS) for bias in (True, False)),
    Case((3, 2), {}, (2, 3), KEEPS, AT_LAST_EVAL, x_is="a constant", no_grad=True),
]

CONV = "F.conv2d takes stride, padding, dilation and groups as they are"
PAD = (
    "F.conv2d pads with zeros only; for other modes pad the input first with F.pad, which counts "
    "from the last dimension: (left, right, top, bottom), and padding=(1, 2) means top 1, left 2"
)
NO_PAD = "a padding of 0 adds nothing, in whatever mode, and x[..., -0:] is all of x"
IMAGE = "an image without a batch dimension gives one without, as F.conv2d does"
ORDER = "the order is that of the twin's arguments, see help(nn.Conv2d)"


def images(channels: int) -> tuple[tuple[int, ...], ...]:
    """Shapes of batches: each differs in one part from the one before, the second by a turn.

    The last but one is an empty batch, and the last one a single image.
    """
    batches = (2, 3, 4), (2, 4, 3), (2, 4, 5), (2, 3, 5), (1, 3, 5), (0, 3, 5)
    return *((n, channels, *size) for n, *size in batches), (channels, 3, 5)


CONV_OPTIONS = [
    Case((2, 4, 3), {}, (2, 2, 6, 5), CONV, TWICE),
    Case((2, 3, (3, 2)), {"stride": (2, 1), "padding": (1, 0)}, (2, 2, 6, 5), CONV),
    Case((2, 3, 3), {"padding": 2, "dilation": (1, 2)}, (2, 2, 6, 5), CONV),
    Case((4, 6, 3), {"stride": 2, "groups": 2, "bias": False}, (2, 4, 5, 6), CONV),
]
CONV_OUTPUTS = [
    *CONV_OPTIONS,
    Case((4, 6, 2), {"groups": 2}, (2, 4, 3, 3), CONV),
    Case((3, 3, (1, 2)), {"groups": 3, "padding": (0, 1)}, (1, 3, 2, 3), CONV),
    Case((2, 3, 1), {"padding": 1}, (2, 2, 2, 3), "padding is added for every size of kernel"),
    Case((2, 3, 2), {"padding": 3}, (2, 2, 2, 3), "padding may be larger than kernel and image"),
    Case((2, 1, 2), {}, (2, 3, 4), f"{IMAGE}; {ONE}"),
    Case((1, 1, 1), {}, (1, 1, 1, 1), CONV, x_is="a result"),
    Case((2, 3, 2), {}, (2, 2, 3, 4), CONV, x_is="a view"),
    Case((2, 3, 2), {}, (2, 2, 3, 4), SINGLE, double=True),
    Case((2, 3, 2), {"padding": 1, "bias": False}, (2, 2, 3, 4), LATE, late=True),
    Case((2, 3, 2), {}, (2, 2, 3, 4), NUMBERS, numbers=(0.0, 1e6)),
    Case((2, 3, 2), {}, (2, 2, 3, 4), NUMBERS, numbers=(0.0, 1e-6)),
    Case((2, 3, 2), {}, (2, 2, 3, 4), NUMBERS, broken=True),
    in_sizes((2, 3, 2), {"padding": (1, 2), "bias": False}, images(2)),
    in_sizes((4, 6, 2), {"groups": 2, "stride": (1, 2)}, images(4)),
    Case((2, 3, 2), {}, (1, 2, 2, 2), KEEPS, AT_LAST_EVAL, x_is="a constant", no_grad=True),
]
CONV_PADDED = [
    Case((2, 3, 3), {"padding": (1, 2), "padding_mode": "reflect", "stride": 2}, (2, 2, 6, 5), PAD),
    Case((4, 2, 2), {"padding": 1, "padding_mode": "replicate", "groups": 2}, (2, 4, 4, 5), PAD),
    Case(
        (2, 2, 3),
        {"padding": (2, 1), "padding_mode": "circular", "dilation": (2, 1)},
        (2, 2, 4, 5),
        PAD,
    ),
    Case((2, 2, 3), {"padding": (2, 1), "padding_mode": "zeros"}, (2, 2, 4, 5), PAD),
    *(
        Case((2, 3, 2), {"padding": padding, "padding_mode": mode}, (2, 2, 3, 4), NO_PAD)
        for mode in ("reflect", "replicate", "circular")
        for padding in (0, (0, 1), (1, 0))
    ),
    Case((2, 3, 1), {"padding": 1, "padding_mode": "reflect"}, (2, 2, 3, 4), PAD),
    Case((2, 3, 2), {"padding": 4, "padding_mode": "replicate"}, (2, 2, 3, 4), PAD),
    Case((2, 3, 2), {"padding": (3, 4), "padding_mode": "circular"}, (2, 2, 3, 4), PAD),
    Case((2, 1, 2), {"padding": 1, "padding_mode": "circular"}, (2, 3, 4), f"{IMAGE}; {ONE}"),
    *(
        in_sizes((2, 3, 2), {"padding": (1, 2), "padding_mode": mode}, images(2))
        for mode in ("reflect", "replicate", "circular")
    ),
    Case((4, 6, 3, 2, 1, 1, 2, False, "reflect"), {}, (1, 4, 4, 5), ORDER),
]
CONV_GRAPHS = [CONV_OPTIONS[0], CONV_OPTIONS[3]]
CONV_STATES = [CONV_OPTIONS[3], replace(CONV_OPTIONS[0], copied=True)]
CONV_GRAPH_PADDED = Case(
    (2, 3, 2), {"padding": (1, 2), "padding_mode": "circular"}, (2, 2, 3, 4), PAD
)

TRANSPOSED = "F.conv_transpose2d takes bias, stride, padding, output_padding, groups, dilation"
LARGER = "output_padding makes the output larger at the bottom and on the right"
CUTS = "padding cuts rows and columns off, for every size of kernel"
TRANSPOSED_OPTIONS = [
    Case((3, 2, 3), {}, (2, 3, 3, 4), TRANSPOSED, TWICE),
    Case(
        (2, 3, (3, 2)),
        {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2)},
        (2, 2, 3, 4),
        LARGER,
    ),
    Case(
        (4, 6, 2),
        {"groups": 2, "bias": False, "dilation": (1, 2)},
        (2, 4, 3, 3),
        "its weight has the shape (in_channels, out_channels / groups, height, width)",
    ),
]
TRANSPOSED_GRAPHS = [TRANSPOSED_OPTIONS[0], TRANSPOSED_OPTIONS[2]]
TRANSPOSED_STATES = [TRANSPOSED_OPTIONS[2], replace(TRANSPOSED_OPTIONS[0], copied=True)]
TRANSPOSED_OUTPUTS = [
    *TRANSPOSED_OPTIONS,
    Case((4, 6, 2), {"groups": 2}, (2, 4, 3, 3), TRANSPOSED),
    Case((2, 3, 2), {"dilation": (2, 3), "output_padding": (1, 2)}, (2, 2, 3, 3), LARGER),
    Case((2, 3, 1), {"padding": 1}, (2, 2, 4, 5), CUTS),
    Case((2, 3, 2), {"stride": 2, "padding": (2, 3)}, (2, 2, 4, 5), CUTS),
    Case((2, 3, 2), {"stride": 3}, (2, 2, 2, 2), TRANSPOSED),
    Case((2, 1, 2), {}, (2, 3, 4), f"{IMAGE.replace('conv2d', 'conv_transpose2d')}; {ONE}"),
    Case((2, 3, (1, 2)), {}, (2, 1, 3), ONE),
    Case((1, 1, 1), {}, (1, 1, 1, 1), TRANSPOSED, x_is="a result"),
    Case(
        (4, 6, 3, 2, 1, 1, 2, False, 2),
        {},
        (1, 4, 3, 2),
        ORDER.replace("Conv2d", "ConvTranspose2d"),
    ),
    Case((2, 3, 2), {}, (2, 2, 3, 4), TRANSPOSED, x_is="a view"),
    Case((2, 3, 2), {}, (2, 2, 3, 4), SINGLE, double=True),
    Case((2, 3, 2), {"padding": 1, "bias": False}, (2, 2, 3, 4), LATE, late=True),
    Case((2, 3, 2), {}, (2, 2, 3, 4), NUMBERS, numbers=(0.0, 1e6)),
    Case((2, 3, 2), {}, (2, 2, 3, 4), NUMBERS, numbers=(0.0, 1e-6)),
    Case((2, 3, 2), {}, (2, 2, 3, 4), NUMBERS, broken=True),
    in_sizes((2, 3, 2), {"stride": 2, "output_padding": 1, "bias": False}, images(2)),
    in_sizes((4, 6, 2), {"groups": 2, "stride": (1, 2)}, images(4)),
    Case((2, 3, 2), {}, (1, 2, 2, 2), KEEPS, AT_LAST_EVAL, x_is="a constant", no_grad=True),
]

NORM = (
    "in training mode it takes mean and variance over batch, height and width of each channel, "
    "and the variance is divided by the count"
)
RUNNING = (
    "in eval mode it takes the running statistics, in training mode those of the batch; with "
    "track_running_stats=False there are no running ones, and both modes take those of the batch"
)
MOVES = (
    "in training mode new = (1 - momentum) * old + momentum * that of the batch, where the "
    "variance of the batch is divided by the count less one; in eval mode nothing moves"
)
COUNTS = (
    "num_batches_tracked counts the batches in training mode; with momentum=None the factor is one "
    "over that count, which makes running statistics plain averages"
)
EXACT = (
    "the variance is the mean of (x - mean) ** 2; the mean of x ** 2 less mean ** 2 is the same on "
    "paper, and loses its digits where the mean is large"
)
UNDER = "the mode says whether statistics move, and no_grad() has no part in that"
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
SMALL, TRAIN_AND_EVAL = (3, 2, 2, 2), (True, True, False, True, False)
#: From each shape to the next one of these some part of it changes, and the rest stays.
MAPS = (SMALL, (3, 2, 1, 2), (3, 2, 2, 1), (2, 2, 2, 1), (2, 2, 2, 3))
NORM_OUTPUTS = [
    Case((2,), {}, SMALL, NORM),
    Case((2,), {"eps": 0.3}, SMALL, "eps is added to the variance before the root is taken"),
    Case((2,), {}, SMALL, RUNNING, (False,), STATISTICS[:2]),
    Case((2,), {"affine": False}, SMALL, "with affine=False there are no weights"),
    Case((2,), {"track_running_stats": False}, SMALL, RUNNING, TWICE),
    in_sizes((2,), {"affine": False, "track_running_stats": False}, MAPS),
    Case((2,), {}, (1, 2, 1, 1), RUNNING, (False,), STATISTICS[:2], x_is="a constant"),
    Case((1,), {}, (1, 1, 1, 2), NORM, x_is="a result"),
    Case((2,), {}, (2, 2, 3, 4), NORM, x_is="a view"),
    Case((2,), {}, (2, 2, 3, 4), RUNNING, (False,), STATISTICS[:2], x_is="a view"),
    Case(
        (2, 0.3, 0.1, False, False), {}, SMALL, "the order is eps, momentum, affine, track", TWICE
    ),
    Case((2,), {}, SMALL, SINGLE, double=True),
    Case((2,), {}, SMALL, SINGLE, (False,), STATISTICS[:2], double=True),
    Case((2,), {"affine": False}, SMALL, LATE, (False, True), STATISTICS[:2], late=True),
    Case((2,), {"track_running_stats": False}, SMALL, LATE, TWICE, late=True),
    Case((1,), {}, (3, 1, 1, 1), ONE),
    Case((2,), {}, SMALL, EXACT, double=True, numbers=(1e4, 1.0)),
    Case((2,), {}, SMALL, "a variance of 0 has eps beside it", double=True, numbers=(1.0, 0.0)),
    Case((2,), {}, SMALL, EXACT, numbers=(0.0, 1e4)),
    Case((2,), {}, SMALL, EXACT, numbers=(0.0, 1e-4)),
    Case((2,), {}, SMALL, "no number of a batch is left out or replaced", broken=True),
    Case((2,), {}, (1, 2, 2, 2), KEEPS, LONG, x_is="a constant", no_grad=True),
    Case(
        (2,),
        {},
        SMALL,
        RUNNING,
        (False,) * 3,
        STATISTICS[:2],
        shapes=(SMALL, (0, 2, 2, 2), (1, 2, 1, 3)),
        no_grad=True,
    ),
]
#: Judged with the statistics, which know what momentum=None is: who forgets it loses that alone.
NORM_AVERAGES = [
    Case((2,), {"momentum": None}, SMALL, RUNNING, (False,), STATISTICS[:2]),
    Case((2,), {"track_running_stats": False, "momentum": None}, SMALL, RUNNING, TWICE),
]
NORM_STATISTICS = [
    Case((2,), {}, SMALL, MOVES, TRAIN_AND_EVAL),
    Case((2,), {"momentum": 0.7}, SMALL, MOVES, TRAIN_AND_EVAL),
    Case((1,), {}, (3, 1, 1, 1), ONE, TWICE),
    Case(
        (2,),
        {"momentum": 0.0},
        SMALL,
        "momentum=0.0 is a factor, with which nothing moves; only None stands for the average",
        TRAIN_AND_EVAL,
    ),
    Case((2,), {"momentum": 1.0}, SMALL, MOVES, TRAIN_AND_EVAL),
    Case((2,), {"momentum": None}, SMALL, COUNTS, TRAIN_AND_EVAL),
    Case((2,), {"momentum": None}, SMALL, COUNTS, TWICE, STATISTICS),
    Case((2,), {"momentum": None, "affine": False}, SMALL, COUNTS, TRAIN_AND_EVAL),
    replace(in_sizes((2,), {}, MAPS), idea="n is the count of the batch at hand"),
    Case((2, 1e-5, 0.3), {}, SMALL, UNDER, TWICE, STATISTICS, no_grad=True),
    Case((2,), {"momentum": None}, (1, 2, 2, 2), COUNTS, LONG, x_is="a constant"),
    Case((2,), {"momentum": 0.01}, (1, 2, 2, 2), MOVES, LONG, no_grad=True),
]
NORM_GRAPHS = [
    NORM_OUTPUTS[0],
    Case((2,), {}, SMALL, RUNNING, (False,), STATISTICS[:2]),
    Case((2,), {"track_running_stats": False}, SMALL, RUNNING, TWICE),
    Case((2,), {"affine": False}, SMALL, NORM),
]
NORM_STATES = [
    Case((2,), {"affine": False}, SMALL, RUNNING, (False,), STATISTICS),
    Case((2,), {"track_running_stats": False}, SMALL, RUNNING, TWICE),
    Case((2,), {}, SMALL, RUNNING, (False,), STATISTICS, copied=True),
]
