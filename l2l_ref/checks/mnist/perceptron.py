"""The questions of exercise 05 on networks: the perceptron, and its families."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..answering import doubled
from ..examining import (
    FOR_ALL,
    SIGMAS,
    TOLERANCE,
    Lost,
    Report,
    close,
    error,
    must_be_kept,
    recognise,
    seed_from,
    show,
    whole,
)
from ..lstm_questions import digits, drawn
from ..wire import Tensors
from .run import ACTIVATIONS, MANY

# 1. Perceptron

#: Sizes, activation, number of inputs, how large they are, and whether the mode is train.
NETWORKS = (
    ((5, 4, 3), None, 6, 1.0, True),
    ((4, 3, 5, 2), "tanh", 3, 1.0, False),
    ((3, 4), "relu", 5, 1.0, True),
    ((4, 4, 4, 4, 4), "wave", 4, 1.0, True),
    ((2, 6, 10), "relu", 1, 1e6, False),
    ((1, 1, 1), "tanh", 2, 1.0, True),
    ((2, *[3] * 12, 2), "wave", 4, 0.3, True),  # the tenth layer is not the second
)


def exam_perceptron(generator, ask, report):
    """The outputs; steps in the graph; the start."""

    def weights_of(sizes: Sequence[int]) -> Tensors:
        shapes = {}
        for k, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            shapes |= {f"matrix {k + 1}": (outputs, inputs), f"bias {k + 1}": (outputs,)}
        return {name: drawn(shape, generator, 0.7) for name, shape in shapes.items()}

    with report.criterion("the outputs, for any layers and any activation", 0.5):
        for sizes, activation, batch, scale, training in NETWORKS:
            asked = {
                "part": "outputs",
                "sizes": sizes,
                "activation": activation,
                "training": training,
                "x": drawn((batch, sizes[0]), generator, scale),
                "probe_weights": weights_of(sizes),
                "probe_others": weights_of(sizes),
            }
            if batch == 5:
                asked["x"][1, 0] = math.inf  # whoever diverges is to see it
            judge_outputs(ask(**asked), asked)
    forward = meant(report)
    with report.criterion("steps stay in the graph", 1):
        for frozen in (["matrix 1", "bias 3"], list(weights_of((4, 3, 3, 2)))):
            judge_slopes(ask, weights_of((4, 3, 3, 2)), frozen, generator, forward)
        for sizes, activation, steps in (
            ((4, 3, 5), "sigmoid", 3),
            ((3, 4, 4, 2), "tanh", 2),
            ((2, 3, 2), "tanh", 20),
        ):
            asked = {
                "part": "steps",
                "sizes": sizes,
                "activation": activation,
                "probe_weights": weights_of(sizes),
                "probe_images": drawn((steps, 6, sizes[0]), generator),
                "probe_labels": torch.randint(sizes[-1], (steps, 6), generator=generator),
                "rate": 0.3 + float(torch.rand((), generator=generator)),
            }
            judge_steps(ask(**asked), stepped(asked, forward), asked)
    with report.criterion("the start is uniform and comes from the generator", 0.5):
        asked = {"sizes": (9, 200, 200, 200, 300), "probe_seed": seed_from(generator)}
        reply = ask(part="start", **asked)
        judge_start(reply, asked["sizes"])


def judge_outputs(reply: dict, asked: dict) -> None:
    """The outputs with two sets of weights, and without a graph.

    Raises:
        Lost: some are not those of the layers, or something has changed.
    """
    activation, x = asked["activation"], asked["x"].double()
    between = ACTIVATIONS[activation or "sigmoid"]
    given = (
        f"sizes {asked['sizes']}, activation {activation or 'left out'}, {len(x)} inputs, "
        f"{'train' if asked['training'] else 'eval'} mode"
    )
    for place, name, when in (
        ("others", "probe_others", ", after others were put in the place of its first weights"),
        ("outputs", "probe_weights", ", after other weights had stood there"),
        ("no graph", "probe_weights", ", under torch.no_grad()"),
        ("copy", "probe_others", ", in a deepcopy that was given other weights"),
    ):
        weights = doubled(asked[name])
        expected = computed(weights, x, between)
        wrong = {say: way(weights, x, between) for say, way in MISTAKES.items()}
        wrong = {say: {place: each} for say, each in wrong.items() if error(each, expected) > 1e-3}
        idea = recognise(
            reply,
            wrong,
            "x times the matrix, plus the bias, then the activation, and so on, with the weights "
            "that this very module has now, and its activation; there is none after the last layer",
        )
        got, words = reply[place], given + when
        finite = expected.isfinite()
        if not torch.equal(got.isfinite(), finite):
            rows = [int((~each.isfinite()).any(1).sum()) for each in (got, expected)]
            found = (f"infinite outputs or NaN for {count} of {len(x)} inputs" for count in rows)
            raise Lost(*found, words, "forward makes nothing infinite, and hides nothing that is")
        got, expected = got.where(finite, 0), expected.where(finite, 0)
        close(got, expected, what="the outputs", given=words, idea=idea)
    idea = "x *= ... and activations in place change x; forward sets neither modes nor .grad"
    must_be_kept(reply["changed"], given, idea)


def judge_steps(reply: dict, expected: dict, asked: dict) -> None:
    """The losses and the derivatives of their sum.

    Raises:
        Lost: they are others.
    """
    steps = len(asked["probe_images"])
    words = {
        "given": f"sizes {asked['sizes']}, {asked['activation']}, {steps} minibatches, float64",
        "idea": "after each step the weights were replaced by results; forward must use them as "
        "they are, with their graph, and keep nothing of an earlier call",
    }
    for name in ("losses", "by_rate"):
        got = {name: reply[name]}
        digits(got, {name: expected[name]}, what="what came of the steps,", **words)
    digits(reply["by_weight"], expected["by_weight"], what="the derivative in", **words)


def judge_slopes(
    ask, weights: Tensors, frozen: list[str], generator: torch.Generator, forward: Callable
) -> None:
    """The derivatives in x and in the weights, of which some are frozen.

    Raises:
        Lost: they are others, or something has changed.
    """
    asked = {
        "sizes": (4, 3, 3, 2),
        "activation": "tanh",
        "probe_frozen": frozen,
        "probe_weights": weights,
        "probe_x": drawn((5, 4), generator),
        "probe_factors": drawn((5, 2), generator),
    }
    first = {name: w.double().requires_grad_() for name, w in weights.items()}
    x = asked["probe_x"].double().requires_grad_()
    total = (forward(first, x, torch.tanh) * asked["probe_factors"].double()).sum()
    moving = {"x": x} | {name: w for name, w in first.items() if name not in frozen}
    found = torch.autograd.grad(total, list(moving.values()))
    which = "all weights" if len(frozen) > 2 else "the first matrix and the last bias"
    given = f"sizes (4, 3, 3, 2), tanh, float64, eval mode; {which} are frozen"
    reply = ask(part="slopes", **asked)
    idea = "the graph leads back to x and to every weight, in either mode"
    expected = dict(zip(moving, found, strict=True))
    digits(reply["slopes"], expected, what="the derivative in", given=given, idea=idea)
    must_be_kept(reply["changed"], given, "forward leaves requires_grad and .grad alone")


def computed(weights: Mapping[str, Tensor], x: Tensor, between) -> Tensor:
    """What a perceptron makes of x."""
    each = list(weights.values())
    for k in range(0, len(each), 2):
        x = x @ each[k].mT + each[k + 1]
        x = between(x) if k + 2 < len(each) else x
    return x


def activated_last(weights: Mapping[str, Tensor], x: Tensor, between) -> Tensor:
    """With an activation after the last layer, too."""
    return between(computed(weights, x, between))


#: Known mistakes, each as a way to compute the outputs.
MISTAKES = {
    "the activation was applied after the last layer, too": activated_last,
    "the activation was applied to the inputs": lambda weights, x, between: computed(
        weights, between(x), between
    ),
    "there is no activation between the layers": lambda weights, x, between: computed(
        weights, x, lambda x: x
    ),
    "these are sigmoids; the activation is the one that was given": lambda weights, x, between: (
        computed(weights, x, torch.sigmoid)
    ),
    "these are probabilities; the cross entropy wants what comes before": (
        lambda weights, x, between: computed(weights, x, between).softmax(1)
    ),
}


def meant(report: Report) -> Callable:
    """How the answer computes outputs: a mistake that has cost a criterion costs no other."""
    lost = report.criteria[-1].lost
    return MISTAKES.get(lost.found["look at"] if lost else "", computed)


def stepped(asked: dict, forward: Callable = computed) -> dict:
    """The losses before each step, and the derivatives of their sum."""
    first = {n: w.double().requires_grad_() for n, w in asked["probe_weights"].items()}
    rate = torch.tensor(asked["rate"], dtype=torch.float64, requires_grad=True)
    weights, losses, between = first, [], ACTIVATIONS[asked["activation"]]
    for x, labels in zip(asked["probe_images"].double(), asked["probe_labels"], strict=True):
        losses.append(F.cross_entropy(forward(weights, x, between), labels))
        gradients = torch.autograd.grad(losses[-1], list(weights.values()), create_graph=True)
        moved = zip(weights.items(), gradients, strict=True)
        weights = {name: w - rate * g for (name, w), g in moved}
    total = torch.stack(losses).sum()
    by_rate, *by_weight = torch.autograd.grad(total, [rate, *first.values()])
    return {
        "losses": torch.stack(losses).detach(),
        "by_rate": by_rate,
        "by_weight": dict(zip(first, by_weight, strict=True)),
    }


def judge_start(reply: dict, sizes: Sequence[int]) -> None:
    """The first weights of some networks.

    Raises:
        Lost: they are not what they should be.
    """
    given = f"sizes {tuple(sizes)}, two networks from one generator"
    fan_in = [inputs for inputs in sizes[:-1] for _ in ("matrix", "bias")]
    all_weights = []
    for k, (weight, inputs) in enumerate(zip(reply["first"], fan_in, strict=True)):
        u = weight.double().flatten() * inputs**0.5
        all_weights.append(u)
        what = f"{'bias' if k % 2 else 'matrix'} {k // 2 + 1}, times the root of its inputs"
        within = f"{inputs**-0.5:.4g}"
        idea = f"this layer has {inputs} inputs: its matrix and its bias lie within {within}"
        largest, off = float(u.abs().max()), 20 / len(u)
        if not 1 - off <= largest <= 1 + 1e-5:
            raise Lost(f"{what}: the largest is {largest:.4g}", "close to 1, below it", given, idea)
        for name, found, mean, spread, count in statistics_of(u.view_as(weight)):
            if not abs(found - mean) < SIGMAS * (spread / count) ** 0.5:
                came_back = f"{what}: the {name} is {show(found)}"
                expected = f"about {mean:.3g}, as for numbers drawn one by one"
                raise Lost(came_back, expected, given, idea)
    judge_each_for_itself(all_weights, given)
    judge_source(reply, given)
    if set(reply["kinds"]) != {"leaf"}:
        raise Lost(
            "weights that are " + " and ".join(sorted(set(reply["kinds"]) - {"leaf"})) + "s",
            "trainable leaves",
            given,
            "assign nn.Parameter(numbers); a MetaModule turns it into a weight",
        )


def statistics_of(u: Tensor) -> list[tuple[str, Tensor, float, float, int]]:
    """Name, value, mean, variance of one and number, of what independent uniform draws show.

    Args:
        u: a matrix or a bias, divided by its bound.
    """
    found = [
        ("mean", u.mean(), 0.0, 1 / 3, u.numel()),
        ("mean square", u.square().mean(), 1 / 3, 4 / 45, u.numel()),
    ]
    for axis, what in enumerate(("column", "row")[-u.ndim :]):
        near = u.narrow(axis, 1, len(u) - 1 if axis == 0 else u.shape[1] - 1)
        products = near * u.narrow(axis, 0, near.shape[axis])
        found.append((f"mean product of neighbours in a {what}", products.mean(), 0.0, 1 / 9, 0))
        found[-1] = (*found[-1][:-1], products.numel())
    if u.numel() > 10_000:  # too few in steps of equal size, and the gaps would all be 1
        gaps = u.flatten().sort().values.diff() * u.numel() / 2
        found.append(("mean square gap, in mean gaps,", gaps.square().mean(), 2.0, 20.0, len(gaps)))
    return found


def judge_each_for_itself(all_weights: Sequence[Tensor], given: str) -> None:
    """No number of a network is used twice, be it with another bound or sign.

    Args:
        all_weights: divided by their bounds.

    Raises:
        Lost: some are.
    """
    rounded = [(u.abs() * 1e6).round() for u in all_weights]
    for k, u in enumerate(all_weights):
        others = torch.cat([each for place, each in enumerate(rounded) if place != k])
        if (
            len(u.abs().unique()) < 0.97 * len(u)
            or torch.isin(rounded[k], others).sum() > len(u) / 2
        ):
            raise Lost(
                f"{'bias' if k % 2 else 'matrix'} {k // 2 + 1} has numbers that come again in it "
                "or in another one, but for their bounds and signs",
                "every weight is drawn for itself",
                given,
                "one generator draws for all tensors in turn; expand(), repeat(), a part of "
                "another tensor, or a generator that was put back give the same numbers again",
            )


def judge_source(reply: dict, given: str) -> None:
    """Whether networks depend on the generator, and on nothing else.

    Raises:
        Lost: they do not.
    """
    from_it = "draw every number with generator=generator; nn.Linear draws from the global one"
    for first, again, following in zip(
        reply["first"], reply["again"], reply["first next"], strict=True
    ):
        if not torch.equal(first, again):
            came_back = f"{show(first.flatten()[:2])} at first, then {show(again.flatten()[:2])}"
            said = "generators in the same state, twice"
            raise Lost(came_back, "the same weights", said, from_it)
        if torch.equal(first, following):
            idea = "the generator moves on as numbers are drawn; do not put it back"
            raise Lost("the same weights in both", "other weights in the second", given, idea)
    if reply["moved"]:
        raise Lost("torch's global generator has moved, or was seeded", "it stays", given, from_it)
    if reply["different"] < MANY - 1:  # two may be alike where all come from seeds of 32 bits
        raise Lost(
            f"{reply['different']} different networks",
            f"{MANY} different ones",
            f"sizes (1, 1), {MANY} networks from one generator",
            "few seeds give few networks: draw the numbers themselves from the generator",
        )


# 6. family


def exam_family(generator, ask, report):
    """Sizes and activations."""
    hidden = {"home": (20,), "40 units": (40,), "two layers": (20, 20), "ReLU": (20,)}
    with report.criterion("the sizes and the activation of each kind", 0.5):
        for kind, units in hidden.items():
            for inputs, scale, dtype in (
                (64, 1.0, torch.float64),
                (784, 15.0, torch.float64),
                (whole(2, 500, generator), 100.0, torch.float32),
                (1, 1000.0, torch.float64),
                (8, 1e38, torch.float32),  # a sum of two of them is more than float32 holds
            ):
                probe = drawn((40, 3), generator).clamp(-3, 3).mul(scale).to(dtype)
                given = f"{kind!r}, {inputs} inputs"
                reply, expected = ask(kind=kind, inputs=inputs, probe=probe), [inputs, *units, 10]
                if reply["sizes"] != expected:
                    came_back = f"sizes {reply['sizes']}"
                    idea = (
                        "inputs, the units of each hidden layer, 10 outputs, in a list of its own"
                    )
                    raise Lost(came_back, f"sizes {expected}", given, idea)
                between = torch.relu if kind == "ReLU" else torch.sigmoid
                judge_activation(reply, between, probe, given)
                must_be_kept(reply["changed"], given, FOR_ALL)


def judge_activation(reply: dict, between: Callable, probe: Tensor, given: str) -> None:
    """What an activation makes of numbers, its slope, and how that changes.

    Raises:
        Lost: it is another one.
    """
    at = probe.double().requires_grad_()
    values = between(at)
    (slopes,) = torch.autograd.grad(values.sum(), at, create_graph=True)
    (curvatures,) = torch.autograd.grad(slopes.sum(), at)
    for what, right in (("activation", values), ("slope", slopes), ("curvature", curvatures)):
        close(
            reply[what],
            right.detach(),
            what=f"the {what} at {show(probe.flatten()[:3])}",
            given=f"{given}; numbers up to {float(probe.abs().max()):.3g}",
            idea="ReLU for one kind, sigmoids for the others, the function, uncalled; with slope "
            "and curvature right to nine places, for numbers of any size: 1 / (1 + exp(-x)) has "
            "no slope where exp is infinite, and torch.sigmoid has",
            tolerance=1e-10 if probe.dtype == torch.float64 else TOLERANCE,
            scale=0.1,
        )
