"""The examining side of exercise 02: modules whose weights can carry a graph."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .answering import doubled
from .examining import (
    Check,
    Failed,
    Lost,
    Question,
    close,
    normal,
    rate_near,
    recognise,
    show,
)
from .meta_modules_run import (
    SHARED,
    Mask,
    run_layer,
    run_named_weights,
    run_put,
    run_sequential,
    run_update,
)

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = ("l2l_ref.modules", "l2l_ref.resnet")


# Questions 1 to 4: a layer and its twin


@dataclass(frozen=True)
class Case:
    """One way to make a layer.

    Args:
        arguments: those without a name.
        options: those with one.
        shape: of a batch of its inputs.
        idea: what to look at when its outputs differ.
        modes: of the batches, one after the other: whether in training mode.
        given: what to give it besides its weights, by name.
    """

    arguments: tuple
    options: dict
    shape: tuple
    idea: str
    modes: tuple = (True,)
    given: tuple = ()


@dataclass(frozen=True)
class Expected:
    """What the twin gives, in float64, where the layer was given the same."""

    output: Tensor
    by_weight: dict[str, Tensor]
    by_x: Tensor
    state: dict[str, Tensor]


@dataclass
class Twins:
    """A student's layer and the layer of ``torch.nn`` that it should be like.

    Args:
        name: of the student's class.
        twin: the class of the other.
        ask: of the exam.
        generator: of the exam.
    """

    name: str
    twin: Callable[..., nn.Module]
    ask: Callable
    generator: torch.Generator
    call: str = field(init=False, default="")

    def asked(self, case: Case, numbers_are: str) -> tuple[dict, Expected]:
        """Ask about a case, with fresh numbers, and work out what should come back."""
        options = [f"{name}={value!r}" for name, value in case.options.items()]
        self.call = f"{self.name}({', '.join([*map(repr, case.arguments), *options])})"
        twin = self.twin(*case.arguments, **case.options)
        names = [name for name, _ in twin.named_parameters()] + list(case.given)
        state = twin.state_dict()
        weights = {name: self._numbers(name, state[name]) for name in names}
        x = torch.randn((len(case.modes), *case.shape), generator=self.generator)
        probe = torch.randn((len(x), *twin(x[0]).shape), generator=self.generator)
        expected = self._expected(case, weights, numbers_are, x, probe)
        try:
            reply = self.ask(
                layer=self.call,
                probe_arguments=list(case.arguments),
                probe_options=case.options,
                weights=weights,
                probe_numbers=numbers_are,
                x=x,
                modes=list(case.modes),
                probe=probe,
            )
        except Failed as failed:
            if "of shape" in failed.found["expected"]:  # the shape is wrong: the case says why
                failed.found["look at"] = failed.found["look at"] or case.idea
            raise
        if reply["derived_from"]:
            raise Lost(
                f"a class that is derived from {' and '.join(reply['derived_from'])}",
                "a class that is derived from nn.Module, and computes by itself",
                self.call,
                "a mixin does all four layers in a few lines, as the chapter shows; here the "
                "question is what such a layer computes",
            )
        return reply, expected

    def _numbers(self, name: str, like: Tensor) -> Tensor:
        if name == "num_batches_tracked":
            return torch.tensor(3)
        if name == "running_var":
            return torch.rand(like.shape, generator=self.generator) + 0.5
        return torch.randn(like.shape, generator=self.generator)

    def _expected(self, case: Case, weights, numbers_are: str, x, probe) -> Expected:
        sources = {name: weight.double() for name, weight in weights.items()}
        squared = numbers_are == "assigned"
        twin = self.twin(*case.arguments, **case.options).double()
        values = {name: s.square() if squared else s for name, s in sources.items()}
        twin.load_state_dict(values, strict=False)
        x, outputs = x.double().requires_grad_(), []
        for mode, batch in zip(case.modes, x, strict=True):
            outputs.append(twin.train(mode)(batch))
        output, named = torch.stack(outputs), dict(twin.named_parameters())
        gradients = torch.autograd.grad((probe.double() * output).sum(), [x, *named.values()])
        factors = {name: 2 * sources[name] if squared else 1.0 for name in named}
        by_weight = {n: factors[n] * g for n, g in zip(named, gradients[1:], strict=True)}
        return Expected(output.detach(), by_weight, gradients[0], twin.state_dict())

    # What is judged

    def outputs(self, case: Case) -> None:
        """Its outputs, with numbers copied into the weights that it made."""
        reply, expected = self.asked(case, "copied")
        close(
            reply["output"],
            expected.output,
            what="its outputs",
            given=self.given(case),
            idea=case.idea,
        )

    def graph(self, case: Case) -> None:
        """Outputs and derivatives, with results of a computation assigned to its weights."""
        reply, expected = self.asked(case, "assigned")
        given = f"{self.given(case)}; each of its weights is set to source ** 2"
        close(
            reply["output"],
            expected.output,
            what="its outputs",
            given=given,
            idea="forward must read the weights from self each time: a tensor that it keeps "
            "elsewhere stays what it was. Otherwise look at the outputs first",
        )
        for name, value in expected.by_weight.items():
            close(
                reply["by_weight"][name],
                value,
                what=f"the derivative of its outputs in the source of {name}",
                given=given,
                idea="forward must compute with the tensor as it is; detach(), .data, no_grad() "
                "and nn.Parameter() all cut the graph",
            )
        close(
            reply["by_x"],
            expected.by_x,
            what="the derivative of its outputs in its input",
            given=given,
            idea="the graph from the input must be whole too; in batch norm it also leads through "
            "the mean and the variance of the batch",
        )

    def state(self, case: Case) -> None:
        """Trainable leaves, none of them parameters; state dicts that go both ways."""
        reply, expected = self.asked(case, "loaded")
        given = f"{self.given(case)}, and the state dict of nn.{self.twin.__name__}"
        if reply["parameters"]:
            raise Lost(
                f"still registered as parameters: {', '.join(reply['parameters'])}",
                "buffers only",
                given,
                "register_buffer takes a tensor that requires a gradient; a parameter it would "
                "be if it were assigned as an nn.Parameter",
            )
        if list(reply["state"]) != list(expected.state):
            raise Lost(
                f"the keys of its state dict: {', '.join(reply['state'])}",
                f"in this order: {', '.join(expected.state)}",
                given,
                "keys come in the order in which buffers were registered",
            )
        for name, value in expected.state.items():
            close(
                reply["state"][name],
                value,
                what=f"{name} in its state dict afterwards",
                given=given,
                idea="the state dict must hold the tensors that forward computes with",
            )
        close(
            reply["output"],
            expected.output,
            what="its outputs after load_state_dict",
            given=given,
            idea="the numbers that were loaded must be those that forward computes with",
        )
        for name in expected.by_weight:
            if reply["kinds"][name] != "leaf":
                raise Lost(
                    f"a new layer's {name} is a {reply['kinds'][name]}",
                    "a trainable leaf, and a plain tensor",
                    given,
                    "detach() gives a constant, requires_grad_() makes a leaf of a constant; "
                    "clone() of a leaf is a result; an nn.Parameter registers itself as a "
                    "parameter wherever it is assigned",
                )

    def begins_like(self, case: Case) -> None:
        """The spread of a new layer's weights."""
        reply, _ = self.asked(case, "copied")
        for name, weight in self.twin(*case.arguments, **case.options).named_parameters():
            mean, deviation, largest = reply["spread"][name].tolist()
            right, top = weight.std(correction=0).item(), weight.abs().max().item()
            off = abs(mean - weight.mean().item())
            like = abs(deviation - right) <= 0.25 * right and off <= 0.5 * right
            if not (like and largest <= 1.3 * top):
                raise Lost(
                    f"a new layer's {name}: mean {mean:.3g}, standard deviation {deviation:.3g}, "
                    f"largest {largest:.3g}",
                    f"about {weight.mean().item():.3g}, {right:.3g} and {top:.3g}",
                    self.call,
                    "make a layer of torch.nn and take over its numbers",
                )
        if reply["alike"]:
            raise Lost(
                f"two new layers have the same {', '.join(reply['alike'])}",
                "tensors of their own, with random numbers of their own",
                self.call,
                "every layer draws its weights anew; no seed is set, and nothing is kept",
            )

    def given(self, case: Case) -> str:
        if len(case.modes) == 1 and case.modes[0]:
            return self.call
        return f"{self.call}, {' then '.join('train' if m else 'eval' for m in case.modes)}"


PLAIN = "nn.Linear computes x @ weight.T + bias; F.linear does just that"
LINEAR = [
    Case((3, 2), {}, (5, 3), PLAIN),
    Case((2, 4), {"bias": False}, (3, 2), "with bias=False there is no bias at all"),
    Case((4, 3), {"bias": True}, (2, 3, 4), "inputs may have any number of dimensions"),
]


def exam_linear(generator, ask, report):
    """Outputs; the graph; state dicts and leaves."""
    twins = Twins("MetaLinear", nn.Linear, ask, generator)
    with report.criterion("linear: its outputs are the twin's, with a bias and without", 0.5):
        for case in LINEAR:
            twins.outputs(case)
    with report.criterion("linear: it computes with a tensor that has a graph", 1):
        for case in LINEAR:
            twins.graph(case)
    with report.criterion("linear: leaves at first, and state dicts go both ways", 1):
        for case in LINEAR:
            twins.state(case)
        twins.begins_like(Case((30, 200), {}, (1, 30), PLAIN))


CONV = "F.conv2d takes stride, padding, dilation and groups as they are"
PAD = (
    "F.conv2d pads with zeros only; for other modes pad the input first with F.pad, which counts "
    "from the last dimension: (left, right, top, bottom), and padding=(1, 2) means top 1, left 2"
)
CONV_OPTIONS = [
    Case((2, 4, 3), {}, (2, 2, 6, 5), CONV),
    Case((2, 3, (3, 2)), {"stride": (2, 1), "padding": (1, 0)}, (2, 2, 6, 5), CONV),
    Case((2, 3, 3), {"padding": 2, "dilation": (1, 2)}, (2, 2, 6, 5), CONV),
    Case((4, 6, 3), {"stride": 2, "groups": 2, "bias": False}, (2, 4, 5, 6), CONV),
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
]


def exam_conv(generator, ask, report):
    """Outputs; padding modes; the graph and state dicts."""
    twins = Twins("MetaConv2d", nn.Conv2d, ask, generator)
    with report.criterion("convolution: its outputs are the twin's, padded with zeros", 0.5):
        for case in CONV_OPTIONS:
            twins.outputs(case)
    with report.criterion("convolution: its outputs are the twin's, padded otherwise", 0.5):
        for case in CONV_PADDED:
            twins.outputs(case)
    with report.criterion("convolution: graph, leaves and state dicts", 1):
        for case in (CONV_OPTIONS[0], CONV_OPTIONS[3]):
            twins.graph(case)
            twins.state(case)
        twins.begins_like(Case((8, 200, 3), {}, (1, 8, 3, 3), CONV))


TRANSPOSED = "F.conv_transpose2d takes bias, stride, padding, output_padding, groups, dilation"
TRANSPOSED_OPTIONS = [
    Case((3, 2, 3), {}, (2, 3, 3, 4), TRANSPOSED),
    Case(
        (2, 3, (3, 2)),
        {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2)},
        (2, 2, 3, 4),
        "output_padding makes the output larger at the bottom and on the right",
    ),
    Case(
        (4, 6, 2),
        {"groups": 2, "bias": False, "dilation": (1, 2)},
        (2, 4, 3, 3),
        "its weight has the shape (in_channels, out_channels / groups, height, width)",
    ),
]


def exam_conv_transpose(generator, ask, report):
    """Outputs; the graph and state dicts."""
    twins = Twins("MetaConvTranspose2d", nn.ConvTranspose2d, ask, generator)
    with report.criterion("transposed convolution: its outputs are the twin's", 1):
        for case in TRANSPOSED_OPTIONS:
            twins.outputs(case)
    with report.criterion("transposed convolution: graph, leaves and state dicts", 0.5):
        for case in (TRANSPOSED_OPTIONS[0], TRANSPOSED_OPTIONS[2]):
            twins.graph(case)
            twins.state(case)
        twins.begins_like(Case((30, 200, 2), {}, (1, 30, 2, 2), TRANSPOSED))


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
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
SMALL, TRAIN_AND_EVAL = (3, 2, 2, 2), (True, True, False, True, False)
NORM_OUTPUTS = [
    Case((2,), {}, SMALL, NORM),
    Case((2,), {"eps": 0.3}, SMALL, "eps is added to the variance before the root is taken"),
    Case((2,), {}, SMALL, RUNNING, (False,), STATISTICS[:2]),
    Case((2,), {"momentum": None}, SMALL, RUNNING, (False,), STATISTICS[:2]),
    Case((2,), {"affine": False}, SMALL, "with affine=False there are no weights"),
    Case((2,), {"track_running_stats": False}, SMALL, RUNNING, (True, False)),
    Case((2,), {"track_running_stats": False, "momentum": None}, SMALL, RUNNING, (True, False)),
]
NORM_STATISTICS = [
    Case((2,), {}, SMALL, MOVES, TRAIN_AND_EVAL),
    Case((2,), {"momentum": 0.7}, SMALL, MOVES, TRAIN_AND_EVAL),
    Case(
        (2,),
        {"momentum": 0.0},
        SMALL,
        "momentum=0.0 is a factor, with which nothing moves; only None stands for the average",
        TRAIN_AND_EVAL,
    ),
    Case((2,), {"momentum": None}, SMALL, COUNTS, TRAIN_AND_EVAL),
    Case((2,), {"momentum": None}, SMALL, COUNTS, (True, False), STATISTICS),
    Case((2,), {"momentum": None, "affine": False}, SMALL, COUNTS, TRAIN_AND_EVAL),
]
NORM_STATES = [
    Case((2,), {"momentum": None}, SMALL, RUNNING, (False,), STATISTICS),
    Case((2,), {"affine": False}, SMALL, RUNNING, (False,), STATISTICS),
    Case((2,), {"track_running_stats": False}, SMALL, RUNNING, (True, False)),
]


def exam_norm(generator, ask, report):
    """Outputs; statistics; the graph and state dicts."""
    twins = Twins("MetaBatchNorm2d", nn.BatchNorm2d, ask, generator)

    def statistics(case: Case) -> None:
        reply, expected = twins.asked(case, "copied")
        given = twins.given(case)
        for name in STATISTICS:
            if (
                name not in reply["state"]
                or reply["state"][name].shape != expected.state[name].shape
            ):
                raise Lost(
                    f"its state dict: {', '.join(reply['state'])}",
                    f"{name} of shape {tuple(expected.state[name].shape)}",
                    given,
                    "register_buffer for each of the three",
                )
            close(
                reply["state"][name],
                expected.state[name],
                what=name,
                given=given,
                idea=COUNTS if name == "num_batches_tracked" else case.idea,
            )
            if reply["kinds_after"][name] != "constant":
                raise Lost(
                    f"{name} is a {reply['kinds_after'][name]}",
                    "a constant",
                    given,
                    "a statistic that carries a graph holds on to every batch before it; compute "
                    "it under no_grad(), or from x.detach()",
                )
        close(reply["output"], expected.output, what="its outputs", given=given, idea=RUNNING)

    with report.criterion("batch norm: its outputs are the twin's, in both modes", 1):
        for case in NORM_OUTPUTS:
            twins.outputs(case)
    with report.criterion("batch norm: its running statistics are the twin's", 1):
        for case in NORM_STATISTICS:
            statistics(case)
    with report.criterion("batch norm: graph, leaves and state dicts", 1):
        twins.graph(NORM_OUTPUTS[0])
        for case in NORM_STATES:
            twins.state(case)
        twins.begins_like(Case((50,), {}, (2, 50, 1, 1), NORM))


# Questions 5 to 7: a tree of modules

FREE = {
    "gain": (),
    "lift": (),
    "embed.weight": (4, 3),
    "embed.bias": (4,),
    "norm.scale": (4,),
    "blocks.0.weight": (4, 4),
    "blocks.0.bias": (4,),
    "blocks.1.weight": (4, 4),
    "blocks.1.bias": (4,),
    "head.weight": (2, 4),
}
FIRST, SECOND = "blocks.0.weight", "blocks.1.weight"
TIED = {name: shape for name, shape in FREE.items() if name not in SHARED}
UNUSED = {"spare.0.0.weight": (3, 2)}
CONSTANT = {"norm.running_mean": (4,), "mask.weight": (4,)}

TREE = (
    "a network with the children embed, norm, mask, blocks (two of them) and head, and weights "
    "gain and lift of its own"
)
TREE_TIED = f"{TREE}; {FIRST} and {SECOND} are the same tensor, and so are gain and lift"


def tree(
    shapes: dict[str, tuple], generator: torch.Generator, equal: bool = False
) -> dict[str, dict[str, Tensor]]:
    """Fresh weights and constants of the network.

    Args:
        equal: whether the two blocks have the same numbers, in tensors of their own.
    """
    constants = normal(CONSTANT, generator) | {"norm.num_batches_tracked": torch.tensor(7)}
    weights = {
        name: w * w.shape[-1] ** -0.5 if w.ndim > 1 else w
        for name, w in normal(shapes, generator).items()
    }
    weights["gain"] = weights["gain"].abs() + 0.5
    if equal:
        weights["blocks.1.bias"] = weights["blocks.0.bias"].clone()
        weights[SECOND] = weights[FIRST].clone()
    return {"weights": weights, "constants": constants}


def computed(tensors: dict[str, Tensor], x: Tensor) -> Tensor:
    """What the network computes, written out."""
    x = torch.tanh(x @ tensors["embed.weight"].T + tensors["embed.bias"])
    x = (x - tensors["norm.running_mean"]) * tensors["norm.scale"] * tensors["mask.weight"]
    x = torch.tanh(x @ tensors[FIRST].T + tensors["blocks.0.bias"])
    x = torch.tanh(x @ tensors.get(SECOND, tensors[FIRST]).T + tensors["blocks.1.bias"])
    lift = tensors.get("lift", tensors["gain"])
    return tensors["gain"] * (x @ tensors["head.weight"].T) + lift


def exam_named_weights(generator, ask, report):
    """Names; results; ties."""

    def found(shapes: dict, results: bool, given: str, idea: str, equal: bool = False) -> None:
        asked = tree(shapes, generator, equal)
        reply = ask(**asked, results=results)
        missing = [name for name in shapes if name not in reply["names"]]
        others = [name for name in reply["names"] if name not in shapes]
        if missing or others:
            lists = [
                f"{what}: {', '.join(names)}"
                for what, names in (("missing", missing), ("too many", others))
                if names
            ]
            raise Lost("; ".join(lists), ", ".join(shapes), given, idea)
        for name, weight in asked["weights"].items():
            got = reply["values"][name]
            if got.shape != weight.shape:
                raise Lost(f"{name}: shape {tuple(got.shape)}", f"{tuple(weight.shape)}", given)
            close(got, weight, what=name, given=given, idea="each name stands for its own tensor")
        if reply["not_the_modules"]:
            raise Lost(
                f"other tensors than the network's: {', '.join(reply['not_the_modules'])}",
                "the very tensors that forward computes with",
                given,
                "clone() and detach() make new tensors, and state_dict() detaches",
            )
        if reply["changed"]:
            raise Lost(
                f"the network now has other tensors: {', '.join(reply['changed'])}",
                "a network that is as it was",
                given,
                "look, and leave everything in its place",
            )

    with report.criterion("all weights by their dotted names, and nothing else", 0.5):
        found(
            FREE | UNUSED,
            False,
            f"{TREE}; a layer spare.0.0",
            "named_buffers() goes through the whole tree; a buffer is a weight if it requires a "
            "gradient, whatever its name is",
        )
    with report.criterion("weights that are results count as well", 0.5):
        found(
            FREE,
            True,
            f"{TREE}; all weights are results of a computation",
            "after an update no weight is a leaf any more; requires_grad holds for leaves and "
            "for results",
        )
    with report.criterion("a tied weight comes once, under the first of its names", 0.5):
        found(
            TIED,
            False,
            TREE_TIED,
            "tied weights are one tensor; remember which tensors you have met, by id()",
        )
        found(FREE, False, f"{TREE}; {EQUAL}", "equal numbers do not make a tie", equal=True)


EQUAL = "some weights have equal numbers, and are different tensors"
UNKNOWN = {
    "blocks.2.weight": "a layer that is not there",
    "embed.wieght": "a slip of the pen",
    "weight": "a name without the path to it",
    "head.bias": "a bias that is off",
    "embed": "a layer",
    "": "no name",
    "norm.running_mean": "a running statistic",
    "mask.weight": "a constant",
}
WRONG_SHAPES = {
    "embed.weight": (3, 4),
    "embed.bias": (1, 4),
    "norm.scale": (),
    "gain": (1,),
    SECOND: (4,),
}


def must_be_tied(reply: dict, given: str) -> None:
    """What was one tensor still is.

    Raises:
        Lost: it is not.
    """
    if reply["untied"]:
        pairs = [f"{SHARED[place]} and {place}" for place in reply["untied"]]
        raise Lost(
            f"two tensors each: {', '.join(pairs)}",
            "one tensor in both places",
            given,
            "put the same tensor in all places where the old one stood, not a copy of it",
        )


def exam_put_weight(generator, ask, report):
    """Value and graph; ties; unknown names; wrong shapes."""
    x, probe = torch.randn(5, 3, generator=generator), torch.randn(5, 2, generator=generator)

    def computes(
        shapes: dict, names: list[str], given: str, idea: str, equal: bool = False
    ) -> tuple[dict, dict[str, str], dict[str, Tensor]]:
        """The output is right: the reply, each place's last name, the derivatives expected."""
        asked = tree(shapes, generator, equal)
        sources = normal({name: FREE[name] for name in names}, generator)
        reply = ask(**asked, names=names, sources=sources, x=x, probe=probe)
        tied = {place: of for place, of in SHARED.items() if place not in shapes}
        leaves = {name: s.double().requires_grad_() for name, s in sources.items()}
        last = {tied.get(name, name): name for name in names}
        now = doubled(asked["weights"] | asked["constants"])
        now |= {place: leaves[name] ** 2 for place, name in last.items()}
        output = computed(now, x.double())
        total = (probe.double() * output).sum()
        by_source = dict(zip(leaves, _grads(total, list(leaves.values())), strict=True))
        what = "what the network computes"
        close(reply["output"], output.detach(), what=what, given=given, idea=idea)
        return reply, last, by_source

    def put(shapes: dict, names: list[str], given: str, idea: str, equal: bool = False) -> None:
        given = f"{given}; put: {', '.join(names)}"
        reply, last, by_source = computes(shapes, names, given, idea, equal)
        for name, value in by_source.items():
            if name not in last.values():
                continue  # another one has taken its place since
            close(
                reply["by_source"][name],
                value,
                what=f"the derivative in the source of {name}",
                given=given,
                idea="the tensor must go into its place as it is; detach(), .data, copy_() under "
                "no_grad() and nn.Parameter() leave its graph behind",
            )
        places = set(last)
        places |= {place for place, of in SHARED.items() if place not in shapes and of in last}
        if set(reply["exchanged"]) != places:
            raise Lost(
                f"other tensors than before: {', '.join(reply['exchanged']) or '(none)'}",
                ", ".join(sorted(places)),
                given,
                "a new tensor in the place of the named weight, and no other place touched",
            )
        if reply["overwritten"]:
            raise Lost(
                f"changed: the old {', '.join(reply['overwritten'])}",
                "old tensors as they were",
                given,
                "the graph of an earlier step may need them: exchange tensors, do not overwrite",
            )
        must_be_tied(reply, given)

    def refused(name: str, tensor: Tensor, error: str, given: str, idea: str) -> None:
        reply = ask(**tree(FREE, generator), name=name, tensor=tensor)
        if error not in reply["raised"]:
            raise Lost(reply["said"], error, given, idea)
        if reply["exchanged"]:
            raise Lost(
                f"{error}, and other tensors than before: {', '.join(reply['exchanged'])}",
                f"{error}, and a network that is as it was",
                given,
                "look first, change afterwards",
            )

    def works() -> None:
        try:
            computes(FREE, ["embed.weight"], TREE, "")
        except Failed:
            raise
        except Lost:
            raise Lost("a weight that exists is not replaced yet", idea="begin there") from None

    with report.criterion("the network computes with the tensor, and its graph leads back", 1):
        rule = "follow the dots to the module that owns the name, and set it there"
        for name in ("embed.bias", "blocks.1.weight", "gain", "norm.scale"):
            put(FREE, [name], TREE, rule)
        put(FREE, ["embed.weight", "head.weight"], TREE, rule)
        put(
            FREE,
            ["blocks.0.weight", "blocks.0.bias", "blocks.0.bias"],
            f"{TREE}; {EQUAL}",
            "tensors are tied if they are the same object, not if their numbers are equal; a "
            "weight that was put may be replaced again, though it is a leaf no more",
            equal=True,
        )
    with report.criterion("tied weights stay tied, whichever name is given", 0.5):
        rule = "find the tensor that goes by this name, then every place where it stands"
        for names in (
            [FIRST],
            [SECOND],
            [SECOND, FIRST],
            ["embed.bias", SECOND],
            ["gain"],
            ["lift"],
        ):
            put(TIED, names, TREE_TIED, rule)
    with report.criterion("unknown names raise KeyError, and nothing changes", 0.5):
        works()
        for name, what in UNKNOWN.items():
            tensor = torch.randn({**FREE, **CONSTANT}.get(name, (4,)), generator=generator)
            refused(
                name,
                tensor,
                "KeyError",
                f"{TREE}; the name {name!r}, {what}",
                "only the names of weights may be given; named_buffers(remove_duplicate=False) "
                "and requires_grad tell which those are",
            )
    with report.criterion("a wrong shape raises ValueError, and nothing changes", 0.5):
        works()
        for name, shape in WRONG_SHAPES.items():
            refused(
                name,
                torch.randn(shape, generator=generator),
                "ValueError",
                f"{TREE}; the name {name!r} and a tensor of shape {shape}",
                f"this weight has the shape {FREE[name]}",
            )


def _grads(total: Tensor, leaves: list[Tensor]) -> tuple[Tensor, ...]:
    return torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)


def trained(
    weights, constants, x, y, rate, steps, *, first_order: bool
) -> tuple[dict[str, Tensor], Tensor, dict[str, Tensor]]:
    """Gradient descent on the network in float64.

    Args:
        first_order: whether the gradients count as constants.

    Returns:
        The weights afterwards, the loss there, and its derivatives in rate and first weights.
    """
    start = {name: w.requires_grad_() for name, w in doubled(weights).items()}
    start["rate"] = rate.double().requires_grad_()
    constants, x, y = doubled(constants), x.double(), y.double()
    now = {name: start[name] for name in weights}
    for _ in range(steps):
        loss = F.mse_loss(computed(now | constants, x), y)
        g = torch.autograd.grad(
            loss, list(now.values()), create_graph=not first_order, allow_unused=True
        )
        now = {
            name: w if d is None else w - start["rate"] * d
            for (name, w), d in zip(now.items(), g, strict=True)
        }
    loss = F.mse_loss(computed(now | constants, x), y)
    slopes = dict(zip(start, _grads(loss, list(start.values())), strict=True))
    return {name: w.detach() for name, w in now.items()}, loss.detach(), slopes


def _times(steps: int) -> str:
    return f"{steps} update{'s' if steps > 1 else ''}"


def exam_update(generator, ask, report):
    """Values; ties and unused weights; second and first order."""
    x, y = torch.randn(6, 3, generator=generator), torch.randn(6, 2, generator=generator)

    def values(
        shapes: dict,
        steps: int,
        first_order: bool,
        rate_is: str,
        given: str,
        idea: str,
        equal: bool = False,
    ) -> None:
        rate = rate_near(0.1, generator)
        asked = tree(shapes, generator, equal) | {"x": x, "y": y, "rate": rate, "steps": steps}
        now, loss, _ = trained(**asked, first_order=first_order)
        reply = ask(**asked, first_order=first_order, rate_is=rate_is)
        order = "first_order=True" if first_order else "the default order"
        given = f"{given}; {rate_is} as rate; {_times(steps)}, {order}"
        must_be_tied(reply, given)
        for name, weight in now.items():
            close(reply["values"][name], weight, what=name, given=given, idea=idea)
        close(reply["loss"], loss, what="the loss after them", given=given, idea=idea)
        if reply["changed"]:
            raise Lost(
                f"changed: {', '.join(reply['changed'])}",
                "the tensors that were there before, and all constants, as they were",
                given,
                "the new weights are new tensors; operations in place and .data overwrite the old "
                "ones, and backward() leaves a .grad with them",
            )
        if reply["cut"]:
            raise Lost(
                f"no graph leads from the new weight to the old one: {', '.join(reply['cut'])}",
                "every weight with its graph, also one that the loss does not depend on",
                given,
                "detach() gives a constant, which is no weight any more",
            )

    def derivatives(first_order: bool, steps: int) -> None:
        rate = rate_near(0.1, generator)
        asked = tree(FREE, generator) | {"x": x, "y": y, "rate": rate, "steps": steps}

        def slopes(**options) -> dict[str, Tensor]:
            return trained(**asked, **({"first_order": first_order} | options))[2]

        expected = slopes()
        reply = ask(**asked, first_order=first_order, rate_is="a tensor")
        got = {"rate": reply["by_rate"], **reply["by_start"]}
        mistakes = {
            "these numbers take the gradients for constants; create_graph=True gives them a "
            "graph of their own": slopes(first_order=True),
            "these numbers know how the gradients depend on the weights; in first order they "
            "count as constants": slopes(first_order=False),
        }
        idea = (
            "gradients are constants here, and the new weight is still computed from the old one"
            if first_order
            else "the gradient is a function of the weights too; autograd.grad keeps its graph if "
            "you ask it to"
        )
        if all(each is None for each in got.values()):
            idea = "no graph leads anywhere: nn.Parameter(), detach(), .data and no_grad() cut it"
        elif got["rate"] is None:
            idea = "the rate must enter as the tensor it is: item() and float() give numbers"
        idea = recognise(got, mistakes, idea)
        order = "first_order=True" if first_order else "the default order"
        given = f"{TREE}; {_times(steps)}, {order}"
        for name, value in expected.items():
            close(got[name], value, what=f"d loss / d {name}", given=given, idea=idea)

    with report.criterion("the new weights, after one update and after some", 0.5):
        rule = "each weight becomes weight - rate * d loss / d weight, all at once"
        values(FREE, 1, False, "a tensor", TREE, rule)
        values(FREE, 3, False, "a number", TREE, rule)
        values(FREE, 3, True, "a tensor", TREE, rule)
        values(FREE, 1, False, "a tensor", f"{TREE}; {EQUAL}", rule, equal=True)
    with report.criterion("tied weights move as one, and unused ones not at all", 0.5):
        for first_order in (False, True):
            values(
                TIED | UNUSED,
                2,
                first_order,
                "a tensor",
                f"{TREE_TIED}; a layer spare that the loss does not depend on",
                "a tied weight has one gradient, the sum over all its places; autograd.grad "
                "with allow_unused=True gives None for a weight that the loss does not depend on",
            )
    with report.criterion("second order: the graph leads through the gradients", 0.5):
        for steps in (1, 3):
            derivatives(first_order=False, steps=steps)
    with report.criterion("first order: the gradients count as constants", 0.5):
        for steps in (1, 3):
            derivatives(first_order=True, steps=steps)


# Question 8: a container

CONTAINED = {
    "0.weight": (2, 2),
    "0.bias": (2,),
    "2.0.weight": (2, 2),
    "2.0.bias": (2,),
    "2.1.weight": (1,),
    "2.2.gain": (2,),
    "4.weight": (2,),
}
FIXED = "4.weight"
PARTS = (
    "tanh = nn.Tanh(); MetaSequential(layer, tanh, MetaSequential(layer, nn.PReLU(), gain), tanh, "
    "a fixed factor)"
)


class Gain(nn.Module):
    """The twin of the factor that is a weight."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return x * self.gain


def container(weights: dict[str, Tensor]) -> nn.Sequential:
    """The twin, in float64, tied where ``weights`` has none for the second layer."""
    inner, tanh = nn.Sequential(nn.Linear(2, 2), nn.PReLU(), Gain()), nn.Tanh()
    made = nn.Sequential(nn.Linear(2, 2), tanh, inner, tanh, Mask())
    if "2.0.weight" not in weights:
        inner[0].weight = made[0].weight
    made[4].weight = torch.zeros(2)
    made.load_state_dict({"2.0.weight": weights["0.weight"]} | weights)
    return made.double()


def exam_sequential(generator, ask, report):
    """Used as a list; state dicts; parameters."""
    x, y = torch.randn(5, 2, generator=generator), torch.randn(5, 2, generator=generator)
    probe = torch.randn(5, 2, generator=generator)

    def fresh() -> dict[str, Tensor]:
        weights = normal(CONTAINED, generator)
        return weights | {"2.1.weight": weights["2.1.weight"].abs() + 0.2}

    def same(what: str, got, expected, idea: str, given: str = PARTS) -> None:
        if got != expected:
            raise Lost(f"{what}: {got}", f"{what}: {expected}", given, idea)

    def trains(weights: dict[str, Tensor], given: str) -> None:
        rate, steps = 0.1, 3
        reply = ask(weights=weights, x=x, y=y, rate=rate, steps=steps, prefix="net")
        twin, trainable = container(weights), [name for name in weights if name != FIXED]
        everything = [name for name in CONTAINED if name != FIXED]
        for title, names, expected, idea in (
            (
                "the names",
                reply["names"],
                trainable,
                "named_parameters() of the base class knows the PReLU's weight; the buffers that "
                "require a gradient come in addition, and a tied one once",
            ),
            (
                'the names with prefix="net"',
                reply["prefixed"],
                [f"net.{name}" for name in trainable],
                "pass prefix on to what you call",
            ),
            (
                "the names with remove_duplicate=False",
                reply["all"],
                everything,
                "pass remove_duplicate on to what you call",
            ),
            (
                "the names with recurse=False",
                reply["own"],
                [],
                "pass recurse on to what you call",
            ),
            (
                "the names when some weights are results",
                reply["names_afterwards"],
                trainable,
                "a weight is a buffer that requires a gradient, whether it is a leaf or not",
            ),
        ):
            same(title, sorted(names), sorted(expected), idea, given)
        optimizer = torch.optim.SGD(twin.parameters(), lr=rate)
        for _ in range(steps):
            optimizer.zero_grad()
            F.mse_loss(twin(x.double()), y.double()).backward()
            optimizer.step()
        state = twin.state_dict()
        for name in weights:
            close(
                reply["values"][name],
                state[name],
                what=f"{name} after {steps} steps of torch.optim.SGD",
                given=f"{given}, the rate {show(rate)}",
                idea="the optimizer must get the very tensors that forward computes with",
            )

    with report.criterion("container: call, length, index, slice and iteration", 0.5):
        rule = "one module after the other, each on what the one before gave"
        for start in (1, 0, -1):
            weights = fresh()
            reply = ask(weights=weights, x=x, probe=probe, start=start)
            output = container(weights)(x.double()).detach()
            close(reply["output"], output, what="its output", given=PARTS, idea=rule)
            twice = "a module may come twice: children() gives it once, _modules.values() each time"
            same("its length", reply["length"], 5, twice)
            where = "which children it gives, tanh being number 1, 99 for others"
            indices = f"an index counts from 0, a negative one from the end; {twice}"
            places = [0, 1, 2, 1, 4]
            same(f"net[-5] to net[4]: {where}", reply["places"], places * 2, indices)
            same(f"iteration: {where}", reply["iterated"], places, twice)
            rest = places[start:]
            sliced = "a slice is a container of the same layers, not of copies"
            same(f"net[{start}:]: {where}", reply["sliced"], rest, sliced)
            if not reply["same_class"]:
                raise Lost(f"net[{start}:] is of another class", "a MetaSequential", PARTS, sliced)
            if reply["slice_output"] is not None:
                close(
                    reply["slice_output"],
                    output,
                    what="net[1:](net[0](x))",
                    given=PARTS,
                    idea=sliced,
                )
    with report.criterion("container: state dicts go both ways", 0.5):
        before, state = fresh(), fresh()
        reply = ask(weights=before, state=state, x=x, probe=probe)
        twin = container(state)
        output, given = twin(x.double()).detach(), f"{PARTS}, and the state dict of its twin"
        keys = list(twin.state_dict())
        same("the keys of its state dict", reply["keys"], keys, "children go by their numbers")
        for name, value in state.items():
            close(reply["state"][name], value, what=name, given=given, idea="its own tensors")
        close(reply["output"], output, what="its output", given=given, idea="its own children")
    with report.criterion("container: parameters() gives all weights, torch.optim trains them", 1):
        for tied in (False, True):
            weights = fresh()
            weights["2.0.bias"] = weights["0.bias"].clone()  # equal, and not tied
            if tied:
                del weights["2.0.weight"]
            trains(weights, f"{PARTS}; the two layers are tied" if tied else PARTS)


check = Check(
    "meta_modules",
    version="1",
    questions={
        "MetaLinear": Question(2.5, exam_linear, run_layer),
        "MetaConv2d": Question(2, exam_conv, run_layer),
        "MetaConvTranspose2d": Question(1.5, exam_conv_transpose, run_layer),
        "MetaBatchNorm2d": Question(3, exam_norm, run_layer),
        "named_weights": Question(1.5, exam_named_weights, run_named_weights),
        "put_weight": Question(2.5, exam_put_weight, run_put),
        "update": Question(2, exam_update, run_update),
        "MetaSequential": Question(2, exam_sequential, run_sequential),
    },
)
