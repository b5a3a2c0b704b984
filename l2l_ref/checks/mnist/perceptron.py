"""The questions of exercise 05 on networks: the perceptron, and its families."""

import itertools
from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..answering import doubled
from ..examining import SIGMAS, Lost, close, error, must_be_kept, recognise, seed_from, show, whole
from ..lstm_questions import digits, drawn
from ..wire import Tensors
from .run import ACTIVATIONS

# 1. Perceptron


def exam_perceptron(generator, ask, report):
    """The outputs; steps in the graph; the start."""

    def weights_of(sizes: Sequence[int]) -> Tensors:
        shapes = {}
        for k, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            shapes |= {f"matrix {k + 1}": (outputs, inputs), f"bias {k + 1}": (outputs,)}
        return {name: drawn(shape, generator, 0.7) for name, shape in shapes.items()}

    with report.criterion("the outputs, for any layers and any activation", 1):
        for sizes, activation, batch in (
            ((5, 4, 3), None, 6),
            ((4, 3, 5, 2), "tanh", 3),
            ((3, 4), "relu", 5),
            ((4, 4, 4, 4, 4), "wave", 4),
            ((2, 6, 10), "relu", 1),
        ):
            asked = {
                "part": "outputs",
                "sizes": sizes,
                "activation": activation,
                "x": drawn((batch, sizes[0]), generator),
                "probe_weights": weights_of(sizes),
            }
            given = f"sizes {sizes}, activation {activation or 'left out'}, {batch} inputs"
            reply = ask(**asked)
            x, weights = asked["x"].double(), doubled(asked["probe_weights"])
            between = ACTIVATIONS[activation or "sigmoid"]
            expected = computed(weights, x, between)
            wrong = {
                "the activation was applied after the last layer, too": between(expected),
                "the activation was applied to the inputs": computed(weights, between(x), between),
                "there is no activation between the layers": computed(weights, x, lambda x: x),
                "these are sigmoids; the activation is the one that was given": (
                    computed(weights, x, torch.sigmoid)
                ),
                "these are probabilities; the cross entropy wants what comes before": (
                    expected.softmax(1)
                ),
            }
            wrong = {say: each for say, each in wrong.items() if error(each, expected) > 1e-3}
            idea = recognise(
                reply,
                {say: {"outputs": each} for say, each in wrong.items()},
                "x times the matrix, plus the bias, then the activation, and so on; after the last "
                "layer there is no activation",
            )
            close(reply["outputs"], expected, what="the outputs", given=given, idea=idea)
            must_be_kept(reply["changed"], given, "x *= ... and activations in place change x")
    with report.criterion("steps stay in the graph", 1):
        for sizes, activation, steps in (((4, 3, 5), "sigmoid", 3), ((3, 4, 4, 2), "tanh", 2)):
            labels = torch.randint(sizes[-1], (steps, 6), generator=generator)
            asked = {
                "part": "steps",
                "sizes": sizes,
                "activation": activation,
                "probe_weights": weights_of(sizes),
                "probe_images": drawn((steps, 6, sizes[0]), generator),
                "probe_labels": labels,
                "rate": 0.3 + float(torch.rand((), generator=generator)),
            }
            given = f"sizes {sizes}, {activation}, {steps} minibatches, float64"
            reply, expected = ask(**asked), stepped(asked)
            words = {
                "given": given,
                "idea": "after each step the weights were replaced by results; forward must use "
                "them as they are, with their graph, and keep nothing of an earlier call",
            }
            for name in ("losses", "by_rate"):
                got = {name: reply[name]}
                digits(got, {name: expected[name]}, what="what came of the steps,", **words)
            digits(reply["by_weight"], expected["by_weight"], what="the derivative in", **words)
    with report.criterion("the start is uniform and comes from the generator", 1):
        asked = {"sizes": (9, 400, 300, 200), "probe_seed": seed_from(generator)}
        reply = ask(part="start", **asked)
        judge_start(reply, asked["sizes"])


def computed(weights: Mapping[str, Tensor], x: Tensor, between) -> Tensor:
    """What a perceptron makes of x."""
    each = list(weights.values())
    for k in range(0, len(each), 2):
        x = x @ each[k].mT + each[k + 1]
        x = between(x) if k + 2 < len(each) else x
    return x


def stepped(asked: dict) -> dict:
    """The losses before each step, and the derivatives of their sum."""
    first = {n: w.double().requires_grad_() for n, w in asked["probe_weights"].items()}
    rate = torch.tensor(asked["rate"], dtype=torch.float64, requires_grad=True)
    weights, losses, between = first, [], ACTIVATIONS[asked["activation"]]
    for x, labels in zip(asked["probe_images"].double(), asked["probe_labels"], strict=True):
        losses.append(F.cross_entropy(computed(weights, x, between), labels))
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
        for name, found, mean, spread in (
            ("mean", u.mean(), 0, 1 / 3),
            ("mean square", u.square().mean(), 1 / 3, 4 / 45),
        ):
            if not abs(found - mean) < SIGMAS * (spread / len(u)) ** 0.5:
                came_back = f"{what}: the {name} is {show(found)}"
                raise Lost(came_back, f"about {mean:.3g}, as for a uniform draw", given, idea)
    everything = torch.cat(all_weights)
    if len(everything.unique()) < 0.97 * len(everything):
        raise Lost(
            f"{len(everything)} weights with {len(everything.unique())} different numbers",
            "every weight is drawn for itself",
            given,
            "expand(), repeat(), or a generator that was put back between two layers",
        )
    for one, other in itertools.combinations(all_weights, 2):
        n = min(len(one), len(other))
        if ((one[:n] - other[:n]).abs() < 1e-6).double().mean() > 0.5:
            raise Lost(
                "two tensors that begin with the same numbers, but for their bounds",
                "every weight is drawn for itself",
                given,
                "one generator draws for all tensors in turn; a new one with the same seed begins "
                "again",
            )
    judge_source(reply, given)
    if set(reply["kinds"]) != {"leaf"}:
        raise Lost(
            "weights that are " + " and ".join(sorted(set(reply["kinds"]) - {"leaf"})) + "s",
            "trainable leaves",
            given,
            "assign nn.Parameter(numbers); a MetaModule turns it into a weight",
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


# 6. family


def exam_family(generator, ask, report):
    """Sizes and activations."""
    hidden = {"home": (20,), "40 units": (40,), "two layers": (20, 20), "ReLU": (20,)}
    with report.criterion("the sizes and the activation of each kind", 0.5):
        for kind, units in hidden.items():
            for inputs, scale in ((64, 1.0), (784, 1.0), (whole(2, 500, generator), 15.0)):
                probe = drawn((40, 3), generator, scale)
                given = f"{kind!r}, {inputs} inputs"
                reply, expected = ask(kind=kind, inputs=inputs, probe=probe), [inputs, *units, 10]
                if reply["sizes"] != expected:
                    came_back = f"sizes {reply['sizes']}"
                    idea = "inputs, the units of each hidden layer, 10 outputs"
                    raise Lost(came_back, f"sizes {expected}", given, idea)
                between = torch.relu if kind == "ReLU" else torch.sigmoid
                at = probe.double().requires_grad_()
                expected = between(at)
                (slope,) = torch.autograd.grad(expected.sum(), at)
                for what, right in (("activation", expected.detach()), ("slope", slope)):
                    close(
                        reply[what],
                        right,
                        what=f"the {what} at {show(probe.flatten()[:3])}",
                        given=given,
                        idea="ReLU for one kind, sigmoids for the others; the function, uncalled",
                    )
