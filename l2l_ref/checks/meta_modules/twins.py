"""The exams of single layers in exercise 02: each against its twin from torch."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ..answering import doubled
from ..examining import TOLERANCE, Failed, Lost, close, error, must_be_kept, told
from . import cases
from .cases import COUNTS, RUNNING, STATISTICS, Case
from .layers import Slopes, batch_of, result_of

#: In double precision no entry may differ by more than this share of the largest one.
EXACT = 1e-10

#: Makes numbers in double precision of others, with more digits than single precision has.
FINE = torch.tensor([1.1], dtype=torch.float64)

LOADED = "the numbers that were loaded must be those that forward computes with"
COPIED = (
    f"{LOADED}; a function that __init__ makes with self in it, or takes from self, goes on with "
    "the tensors of the original"
)


def precise(
    got: Tensor,
    value: Tensor,
    exact: float,
    what: str,
    given: str,
    idea: str,
    scale: float = 0.0,
) -> None:
    """Compare as `close` does; in double precision to more digits, where ``exact`` says how many.

    Raises:
        Lost: they differ. Where they hardly do, by how much.
    """
    off = error(got, value, scale)
    if exact and exact < off <= TOLERANCE:
        raise Lost(
            f"{what}: off by {off:.1g}, as a share of the largest entry",
            f"{what}: off by {exact:.0g} at most, in double precision",
            given,
            idea,
        )
    close(got, value, what=what, given=given, idea=idea, scale=scale)


@dataclass(frozen=True)
class Expected:
    """What the twin gives, in float64; the slopes are zeros unless numbers were assigned."""

    output: list[Tensor]
    slopes: Slopes
    by_x: list[Tensor | None]
    state: dict[str, Tensor]


@dataclass
class Twins:
    """A student's layer and the layer of ``torch.nn`` that it should be like.

    Args:
        name: of the student's class.
        twin: the class of the other.
        ask: of the exam.
        generator: of the exam.
        keeps: whether the layer has been found to hold a batch, which costs once.
    """

    name: str
    twin: Callable[..., nn.Module]
    ask: Callable
    generator: torch.Generator
    keeps: bool = False

    def asked(self, case: Case, numbers_are: str) -> tuple[dict, Expected]:
        """Ask about a case, with fresh numbers, and work out what should come back."""
        twin = self.twin(*case.arguments, **case.options)
        names = [name for name, _ in twin.named_parameters()] + list(case.given)
        state = twin.state_dict()
        weights = {name: self._numbers(name, state[name]) for name in names}
        mean, deviation = case.numbers
        shapes = case.shapes or (case.shape,) * len(case.modes)
        x = [mean + deviation * torch.randn(s, generator=self.generator) for s in shapes]
        if case.broken:
            for batch in x:
                batch.view(-1)[0] = torch.nan
        probe = [torch.randn(twin.eval()(b).shape, generator=self.generator) for b in x]
        if case.in_double:
            weights = {
                name: w * FINE if w.is_floating_point() else w for name, w in weights.items()
            }
            x, probe = [t * FINE for t in x], [t * FINE for t in probe]
        expected = self._expected(case, weights, numbers_are, x, probe)
        asked = {
            "layer": self.call(case),
            "probe_arguments": list(case.arguments),
            "probe_options": case.options,
            "probe_numbers": numbers_are,
            "probe_how": case.how,
            "weights": weights,
            "x": x,
            "modes": list(case.modes),
            "probe": probe,
        }
        try:
            reply = told(self.ask, asked, self.given(case))
        except Failed as failed:
            if "of shape" in failed.found["expected"]:  # the shape is wrong: the case says why
                failed.found["look at"] = failed.found["look at"] or case.idea
            raise
        self._computes_by_itself(reply, case)
        return reply, expected

    def _computes_by_itself(self, reply: dict, case: Case) -> None:
        if reply["derived_from"]:
            raise Lost(
                f"a class that is derived from {' and '.join(reply['derived_from'])}",
                "a class that is derived from nn.Module, and computes by itself",
                self.call(case),
                "a mixin does all four layers in a few lines, as the chapter shows; here the "
                "question is what such a layer computes",
            )

    def _numbers(self, name: str, like: Tensor) -> Tensor:
        if name == "num_batches_tracked":
            return torch.tensor(3)
        if name == "running_var":
            return torch.rand(like.shape, generator=self.generator) + 0.5
        return torch.randn(like.shape, generator=self.generator)

    def _expected(self, case: Case, weights, numbers_are: str, x, probe) -> Expected:
        sources = {
            n: s.requires_grad_(n not in case.how["frozen"] and s.is_floating_point())
            for n, s in doubled(weights).items()
        }
        results = numbers_are == "assigned"
        filled = dict(case.filled)
        values = {n: result_of(s, filled.get(n)) if results else s for n, s in sources.items()}
        twin = self.twin(*case.arguments, **case.options).double()
        twin.load_state_dict(values, strict=False)
        trained = {n: v for n, v in values.items() if n in dict(twin.named_parameters())}
        slopes = Slopes({n: s for n, s in sources.items() if s.requires_grad})
        outputs, by_x = [], []
        for mode, batch, p in zip(case.modes, x, probe, strict=True):
            batch = batch_of(batch.double(), case.x_is)
            with torch.set_grad_enabled(not case.no_grad):
                output = functional_call(twin.train(mode), trained, (batch,))
            outputs.append(output.detach())
            if results:
                by_x.append(slopes.add((p.double() * output).sum(), batch))
        return Expected(outputs, slopes, by_x, twin.state_dict())

    # What is judged

    def same_outputs(
        self, reply: dict, expected: Expected, given: str, case: Case, idea=""
    ) -> None:
        """Its outputs are the twin's, in the same precision, and NaN where those are."""
        bias = expected.state.get("bias", torch.zeros(1))  # a single output may be little beside it
        scale = float(bias.abs().max())
        for nth, (got, right) in enumerate(zip(reply["output"], expected.output, strict=True)):
            if reply["output_dtypes"][nth] != (dtype := f"float{64 if case.in_double else 32}"):
                raise Lost(f"outputs in {reply['output_dtypes'][nth]}", dtype, given, cases.SINGLE)
            finite = right.isfinite()
            if not torch.equal(got.isfinite(), finite):
                came, there = (int((~t.isfinite()).sum()) for t in (got, right))
                what = "entries of its outputs that are no finite numbers"
                raise Lost(f"{came} {what}", f"{there}", given, idea or case.idea)
            if finite.any():
                what = "its outputs" if len(case.modes) == 1 else f"its outputs, batch {nth + 1}"
                numbers = got[finite], right[finite]
                exact = EXACT * case.in_double
                precise(*numbers, exact, what, given, idea or case.idea, scale)

    def outputs(self, case: Case) -> None:
        """Its outputs, with numbers copied into the weights that it made."""
        reply, expected = self.asked(case, "copied")
        given = self.given(case)
        single = [name for name, dtype in reply["dtypes"].items() if dtype == "float32"]
        if case.double and single:
            raise Lost(
                f"a new layer's {' and '.join(single)} in float32",
                "float64, which is the default dtype",
                given,
                "numbers of a twin, and of torch.empty and torch.rand, come in the default dtype",
            )
        self.same_outputs(reply, expected, given, case)
        if reply["recorded"]:
            raise Lost(
                "outputs that require a gradient",
                "outputs without a graph, since it is called under no_grad()",
                given,
                "whether a graph is recorded is for the caller to say: enable_grad() and "
                "set_grad_enabled() have no place in forward",
            )
        must_be_kept(reply["changed"], given, "forward makes new tensors, and leaves the old alone")
        statistics_hold_it = "result" in reply["kinds_after"].values()  # which is judged with them
        if reply["holds"] and not statistics_hold_it and not self.keeps:
            self.keeps = True
            raise Lost(
                f"batches still held when their outputs are gone: {reply['holds']}",
                "none",
                given,
                "what a layer keeps in a list, or as an attribute, is not freed; a result with a "
                "graph holds the batch that it was computed from",
            )

    def graphs(self, some: list[Case]) -> None:
        """Outputs and derivatives, with results of a computation assigned to the weights.

        Where numbers are 0 or 1, outputs may be right without some of the graph.
        """
        for nth, case in enumerate(some):
            twin = self.twin(*case.arguments, **case.options)
            names = [name for name, _ in twin.named_parameters()]
            filled = tuple(zip(names, ((1, 0), (0, 1))[nth % 2], strict=False))
            for asked in (
                case,
                replace(case, x_is="a constant", filled=filled),
                replace(case, frozen=tuple(names[:1])),
                replace(case, frozen=tuple(names), numbers=(0.0, 0.0)),
            ):
                must_be_kept(
                    self.slopes(asked)["touched"],
                    self.given(asked),
                    "forward looks at a tensor and does nothing to it, retain_grad() included",
                )

    def slopes(self, case: Case) -> dict:
        """Outputs and derivatives, in one way to ask."""
        reply, expected = self.asked(case, "assigned")
        given = f"{self.given(case)}; each of its weights is set to source ** 2"
        for name, number in case.filled:
            given += f"; {name} to source ** 2 - (source ** 2).detach() + {number}"
        self.same_outputs(
            reply,
            expected,
            given,
            case,
            "forward must read the weights from self each time: a tensor that it keeps elsewhere "
            "stays what it was. Otherwise look at the outputs first",
        )
        for name, value in expected.slopes.first.items():
            close(
                reply["by_weight"][name],
                value,
                what=f"the derivative of its outputs in the source of {name}",
                given=given,
                idea="forward must compute with the tensor as it is; detach(), .data, no_grad() "
                "and nn.Parameter() all cut the graph",
            )
        for got, value in zip(reply["by_x"], expected.by_x, strict=True):
            if value is not None:
                close(
                    got,
                    value,
                    what="the derivative of its outputs in its input",
                    given=given,
                    idea="the graph from the input must be whole too, in both modes; in batch norm "
                    "it also leads through the mean and the variance of the batch",
                )
        for name, value in expected.slopes.second.items():
            close(
                reply["second"][name],
                value,
                what=f"the derivative, in the source of {name}, of the squares of all derivatives",
                given=given,
                idea="derivatives have a graph of their own; a detach() in the backward of an "
                "autograd.Function cuts it",
            )
        return reply

    def state(self, case: Case) -> None:
        """Trainable leaves, none of them parameters; state dicts that go both ways."""
        reply, expected = self.asked(case, "loaded")
        given = f"{self.given(case)}, and the state dict of nn.{self.twin.__name__}"
        self._registered(reply, expected, given)
        if reply["uncopied"] and not self.keeps:
            raise Lost(
                f"after a call, copy.deepcopy(layer) raises {reply['uncopied']}",
                "a layer that can be copied, as it could before",
                given,
                "an attribute that is the result of a computation, graph and all, has no copy",
            )
        for name, value in expected.state.items():
            close(
                reply["state"][name],
                value,
                what=f"{name} in its state dict afterwards",
                given=given,
                idea="the state dict must hold the tensors that forward computes with",
            )
        self.same_outputs(
            reply,
            expected,
            f"{given}, loaded after a first call",
            case,
            COPIED if case.copied else LOADED,
        )
        for name in expected.slopes.first:
            if reply["kinds"][name] != "leaf":
                raise Lost(
                    f"a new layer's {name} is a {reply['kinds'][name]}",
                    "a trainable leaf, and a plain tensor",
                    given,
                    "detach() gives a constant, requires_grad_() makes a leaf of a constant; "
                    "clone() of a leaf is a result; an nn.Parameter registers itself as a "
                    "parameter wherever it is assigned",
                )
        must_be_kept(reply["touched"], given, "forward touches no weight and no .grad")

    @staticmethod
    def _registered(reply: dict, expected: Expected, given: str) -> None:
        """What is registered: no parameters, the twin's weights, the twin's keys in their order."""
        if reply["parameters"]:
            raise Lost(
                f"still registered as parameters: {', '.join(reply['parameters'])}",
                "buffers only",
                given,
                "register_buffer takes a tensor that requires a gradient; a parameter it would "
                "be if it were assigned as an nn.Parameter",
            )
        names = list(expected.slopes.first)
        if sorted(reply["trainable"]) != sorted(names):
            raise Lost(
                f"buffers that require a gradient: {', '.join(reply['trainable']) or 'none'}",
                ", ".join(names) or "none",
                given,
                "a buffer is a weight if it requires a gradient, saved or not: no other one may",
            )
        keys = list(expected.state)
        for prefix, found in (("", list(reply["state"])), ("0.", reply["nested"])):
            if found != [f"{prefix}{key}" for key in keys]:
                inside = ", as the first layer of a container" if prefix else ""
                raise Lost(
                    f"the keys of its state dict{inside}: {', '.join(found)}",
                    f"in this order: {', '.join(f'{prefix}{key}' for key in keys)}",
                    given,
                    "keys come in the order in which buffers were registered",
                )

    def begins_like(self, case: Case) -> None:
        """The spread of a new layer's weights."""
        reply, _ = self.asked(case, "copied")
        call = self.call(case)
        for name, weight in self.twin(*case.arguments, **case.options).named_parameters():
            mean, deviation, largest, different = reply["spread"][name].tolist()
            right, top = weight.std(correction=0).item(), weight.abs().max().item()
            off = abs(mean - weight.mean().item())
            like = abs(deviation - right) <= 0.25 * right and off <= 0.5 * right
            if not (like and 0.8 * top <= largest <= 1.3 * top):
                raise Lost(
                    f"a new layer's {name}: mean {mean:.3g}, standard deviation {deviation:.3g}, "
                    f"largest {largest:.3g}",
                    f"about {weight.mean().item():.3g}, {right:.3g} and {top:.3g}",
                    call,
                    "make a layer of torch.nn, with the same arguments, and take over its numbers",
                )
            if right > 0 and different < 0.9:
                raise Lost(
                    f"of the numbers of a new layer's {name}, {different:.0%} are found once, and "
                    "in no other weight",
                    "nearly all",
                    call,
                    "every number is drawn by itself: none is repeated, nor taken from another "
                    "weight",
                )
        if reply["alike"]:
            raise Lost(
                f"two new layers have the same {', '.join(reply['alike'])}",
                "tensors of their own, with random numbers of their own",
                call,
                "every layer draws its weights anew; no seed is set, and nothing is kept",
            )

    def call(self, case: Case) -> str:
        """How the layer is made."""
        options = [f"{name}={value!r}" for name, value in case.options.items()]
        return f"{self.name}({', '.join([*map(repr, case.arguments), *options])})"

    def given(self, case: Case) -> str:
        """How the layer is made and called."""
        return f"{self.call(case)}; {case.words}"


def exam_linear(generator, ask, report):
    """Outputs; the graph; state dicts and leaves."""
    twins = Twins("MetaLinear", nn.Linear, ask, generator)
    with report.criterion("linear: its outputs are the twin's, with a bias and without", 0.5):
        for case in cases.LINEAR_OUTPUTS:
            twins.outputs(case)
    with report.criterion("linear: it computes with a tensor that has a graph", 1):
        twins.graphs(cases.LINEAR)
    with report.criterion("linear: new weights, and state dicts that go both ways", 0.5):
        for case in cases.LINEAR_STATES:
            twins.state(case)
        twins.begins_like(Case((30, 200), {}, (1, 30), cases.PLAIN))


def exam_conv(generator, ask, report):
    """Outputs; padding modes; the graph and state dicts."""
    twins = Twins("MetaConv2d", nn.Conv2d, ask, generator)
    with report.criterion("convolution: its outputs are the twin's, padded with zeros", 0.25):
        for case in cases.CONV_OUTPUTS:
            twins.outputs(case)
    with report.criterion("convolution: its outputs are the twin's, padded otherwise", 0.25):
        for case in cases.CONV_PADDED:
            twins.outputs(case)
        twins.slopes(cases.CONV_GRAPH_PADDED)
    with report.criterion("convolution: graph, new weights and state dicts", 1):
        twins.graphs(cases.CONV_GRAPHS)
        for case in cases.CONV_STATES:
            twins.state(case)
        twins.begins_like(Case((8, 200, 3), {}, (1, 8, 3, 3), cases.CONV))
        twins.begins_like(Case((32, 200, (1, 2)), {"groups": 4}, (1, 32, 3, 3), cases.CONV))


def exam_conv_transpose(generator, ask, report):
    """Outputs; the graph and state dicts."""
    twins = Twins("MetaConvTranspose2d", nn.ConvTranspose2d, ask, generator)
    with report.criterion("transposed convolution: its outputs are the twin's", 0.5):
        for case in cases.TRANSPOSED_OUTPUTS:
            twins.outputs(case)
    with report.criterion("transposed convolution: graph, new weights and state dicts", 0.5):
        twins.graphs(cases.TRANSPOSED_GRAPHS)
        for case in cases.TRANSPOSED_STATES:
            twins.state(case)
        twins.begins_like(Case((30, 200, 2), {}, (1, 30, 2, 2), cases.TRANSPOSED))
        twins.begins_like(Case((16, 400, (1, 2)), {"groups": 2}, (1, 16, 2, 2), cases.TRANSPOSED))


def exam_norm(generator, ask, report):
    """Outputs; statistics; the graph and state dicts."""
    twins = Twins("MetaBatchNorm2d", nn.BatchNorm2d, ask, generator)
    with report.criterion("batch norm: its outputs are the twin's, in both modes", 1):
        for case in cases.NORM_OUTPUTS:
            twins.outputs(case)
    with report.criterion("batch norm: its running statistics are the twin's", 1):
        for case in cases.NORM_STATISTICS:
            statistics(twins, case)
        for case in cases.NORM_AVERAGES:
            twins.outputs(case)
    with report.criterion("batch norm: graph, new weights and state dicts", 1):
        twins.graphs(cases.NORM_GRAPHS)
        for case in cases.NORM_STATES:
            twins.state(case)
        twins.begins_like(Case((50,), {}, (2, 50, 1, 1), cases.NORM))


def statistics(twins: Twins, case: Case) -> None:
    """The running statistics of a batch norm after some batches, and its outputs on the way."""
    reply, expected = twins.asked(case, "copied")
    given = twins.given(case)
    for name in STATISTICS:
        if name not in reply["state"] or reply["state"][name].shape != expected.state[name].shape:
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
        dtype = "int64" if name == "num_batches_tracked" else f"float{64 if case.in_double else 32}"
        if reply["dtypes_after"][name] != dtype:
            raise Lost(
                f"{name} in {reply['dtypes_after'][name]}",
                dtype,
                given,
                "statistics have the dtypes of the twin's: the count is a whole number",
            )
        if reply["kinds_after"][name] != "constant":
            raise Lost(
                f"{name} is a {reply['kinds_after'][name]}",
                "a constant",
                given,
                "a statistic that carries a graph holds on to every batch before it; compute "
                "it under no_grad(), or from x.detach()",
            )
    twins.same_outputs(reply, expected, given, case, RUNNING)
