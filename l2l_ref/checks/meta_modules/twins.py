"""The exams of single layers in exercise 02: each against its twin from torch."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ..examining import Failed, Lost, close


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
    Case((2,), {"affine": False}, SMALL, "with affine=False there are no weights"),
    Case((2,), {"track_running_stats": False}, SMALL, RUNNING, (True, False)),
]
#: Judged with the statistics, which know what momentum=None is: who forgets it loses that alone.
NORM_AVERAGES = [
    Case((2,), {"momentum": None}, SMALL, RUNNING, (False,), STATISTICS[:2]),
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
    Case((2,), {}, SMALL, RUNNING, (False,), STATISTICS),
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
        for case in NORM_AVERAGES:
            twins.outputs(case)
    with report.criterion("batch norm: graph, leaves and state dicts", 1):
        twins.graph(NORM_OUTPUTS[0])
        for case in NORM_STATES:
            twins.state(case)
        twins.begins_like(Case((50,), {}, (2, 50, 1, 1), NORM))
