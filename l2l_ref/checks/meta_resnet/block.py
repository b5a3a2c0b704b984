"""The question of exercise 06 on the residual block, beside torchvision's from ordinary layers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..answering import doubled
from ..examining import TOLERANCE, Lost, close, must_be_kept
from ..wire import Tensors
from .building import one_thread
from .exact import (
    ABOVE,
    EXACT,
    agree,
    all_close,
    must_be,
    must_have_none,
    must_not_remember,
    numbers_for,
    slopes_of,
)
from .networks import set_parts, turn


class Block(nn.Module):
    """Torchvision's basic block, from ordinary layers."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        if stride != 1 or in_channels != channels:
            projection = nn.Conv2d(in_channels, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(channels))

    def forward(self, x):
        inner = F.relu(self.bn1(self.conv1(x)))
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        return F.relu(self.bn2(self.conv2(inner)) + shortcut)


@dataclass(frozen=True)
class Case:
    """One block and what it is asked.

    Args:
        arguments: of the class, by place. options: by name. modes: see `turn`.
        numbers: "loaded", or "assigned" as squares of other tensors.
        x_is: see `run_block`. size: of a picture. holed: whether the first one has a NaN.
        settings: of parts, which are changed when the block is there: names such as bn1.momentum.
    """

    arguments: tuple
    options: dict = field(default_factory=dict)
    modes: tuple = ("train",)
    numbers: str = "loaded"
    x_is: str = "a constant"
    size: tuple = (6, 5)
    precision: str = "float64"
    holed: bool = False
    settings: dict = field(default_factory=dict)

    @property
    def given(self) -> str:
        """The call and the batches, in words."""
        modes = " then ".join(self.modes) if len(self.modes) < 5 else f"{len(self.modes)} batches"
        size = "" if self.size == (6, 5) else f", pictures of {self.size[0]} x {self.size[1]}"
        hole = ", one pixel is NaN" if self.holed else ""
        settings = "".join(f", {name} = {value}" for name, value in self.settings.items())
        return (
            f"{self.call}, copied{settings}; {modes}; x is {self.x_is}, in "
            f"{self.precision}{size}{hole}"
        )

    @property
    def call(self) -> str:
        """How the block is made."""
        options = (f"{name}={value}" for name, value in self.options.items())
        return f"MetaBasicBlock({', '.join([*map(repr, self.arguments), *options])})"

    @property
    def twin(self) -> Block:
        """Torchvision's."""
        return Block(*self.arguments, **self.options)


TRAIN_AND_EVAL = ("train", "eval", "train")

IDENTITY = (
    Case((4, 4)),
    Case((3, 3), {"stride": 1}, ("eval",), x_is="a constant under no_grad()"),
    Case((5, 5, 1), modes=TRAIN_AND_EVAL, x_is="a result"),
    Case((4, 4), modes=("train, but bn1 in eval", "eval, but bn2 in train")),
    Case((3, 3), modes=("train", "eval"), x_is="a transposed view", size=(5, 5)),
    Case((2, 2), modes=("eval",), holed=True),
    Case((2, 2), modes=("train",) * 26 + ("eval",), size=(2, 3)),
    Case((3, 3), modes=("train", "eval"), precision="float32"),
)
#: Each batch norm is its own master: one averages plainly, which needs its count of batches, and
#: one keeps its statistics, for a momentum of 0 is another thing than none.
SET = {"bn1.momentum": None, "bn2.eps": 0.1, "bn2.momentum": 0.0, "downsample.1.momentum": 0.7}

PROJECTED = (
    Case((2, 4), {"stride": 2}),
    Case((4, 3), modes=("eval",), x_is="a constant under no_grad()"),
    Case((5, 5, 2), modes=TRAIN_AND_EVAL, x_is="a result"),
    Case((3, 2), modes=TRAIN_AND_EVAL, settings=SET),
    Case((2, 3, 3), modes=("train, but downsample.1 in eval", "eval, but downsample.1 in train")),
    Case((), {"stride": 2, "channels": 3, "in_channels": 3}, size=(1, 1)),
)
GRAPH = (
    Case((4, 4), {}, ("train", "train", "eval"), "assigned", "a result", size=(24, 20)),
    Case((3, 4), {"stride": 2}, ("train", "train", "eval"), "assigned", "a result"),
    Case((3, 4), {"stride": 2}, ("eval",), "assigned"),
)


def exam_block(generator, ask, report):
    """Outputs of both kinds of block; state dicts and the graph."""
    one_thread()
    with report.criterion("block: its outputs where the shortcut is the identity", 0.75):
        rule = "relu(bn2(conv2(relu(bn1(conv1(x))))) + x): the second relu comes after the sum"
        for case in IDENTITY:
            judge(case, generator, ask, rule)
    with report.criterion("block: its outputs where the shortcut is a projection", 0.75):
        rule = (
            "the projection is there when the stride is not 1 or the channels change; it has the "
            "stride of conv1, and conv2 has none; a batch norm follows it, and no relu. Call the "
            "layers: they know their momentum"
        )
        for case in PROJECTED:
            judge(case, generator, ask, rule)
    with report.criterion("block: weights with a graph, and state dicts that go both ways", 1):
        for case in GRAPH:
            judge(case, generator, ask, ABOVE)


def judge(case: Case, generator: torch.Generator, ask: Callable, idea: str) -> None:
    """Ask for a block, twice with other numbers where it has a graph, and compare.

    Raises:
        Lost: it is another one.
    """
    rounds = 2 if case.numbers == "assigned" else 1
    states = [numbers_for(case.twin, generator) for _ in range(rounds)]
    shape = (len(case.modes), 3, case.twin.conv1.in_channels, *case.size)
    x = [0.5 * torch.randn(shape, generator=generator) for _ in range(rounds)]
    if case.holed:
        x[0][0, 0, 0, 2, 2] = torch.nan
    probe = torch.randn((len(case.modes), *case.twin(x[0][0]).shape), generator=generator)
    reply = ask(
        block=case.call,
        probe_arguments=list(case.arguments),
        probe_options=case.options,
        probe_settings=case.settings,
        probe_states=states,
        probe_numbers=case.numbers,
        probe_x_is=case.x_is,
        x=x,
        modes=list(case.modes),
        probe=probe,
        precision=case.precision,
    )
    twin = case.twin
    set_parts(twin, {name: case.settings[name] for name in reply["set"]})
    for nth, (found, state) in enumerate(zip(reply["rounds"], states, strict=True)):
        expected = block_of(twin, state, case, x[nth], probe)
        again = "; the same block once more, with other numbers" if nth else ""
        compare(case, found, expected, case.given + again, idea)
    must_not_remember(reply["remembered"], "x", case.given, "forward keeps what it was given")
    if case.numbers == "assigned":
        judge_beginnings(case, reply)


def compare(case: Case, found: dict, expected: dict, given: str, idea: str) -> None:
    """What a block gave on some batches must be what its twin gives.

    Raises:
        Lost: it is something else.
    """
    exactly = case.precision == "float64"
    words = {"given": given, "idea": idea, "tolerance": EXACT if exactly else TOLERANCE}
    dtype = f"torch.{case.precision}"
    if str(found["output"].dtype) != dtype:
        came_back = f"its outputs in {found['output'].dtype}"
        raise Lost(came_back, dtype, given, "numbers keep the dtype of what they come from")
    agree(found["output"].double(), expected["output"], what="its outputs", **words)
    writes = "relu_ and += write into the tensor they are given; a call changes statistics alone"
    must_be_kept(found["changed"], given, writes)
    if case.holed or not exactly:
        return
    all_close(
        *(found["state"], expected["state"], "afterwards, in its state dict,", given),
        "each batch goes once through each batch norm, in the mode that it is in",
    )
    if case.numbers != "assigned":
        return
    all_close(
        found["by_weight"],
        expected["by_weight"],
        "the derivative of its outputs in the source of",
        f"{given}; each of its weights is set to source ** 2",
        "forward must call the layers with the tensors that they hold, under their names",
    )
    if case.x_is == "a result":
        close(found["by_x"], expected["by_x"], what="the derivative in x", **words)
        twice = "the derivative of (the derivative in x) ** 2 in the source of"
        all_close(found["twice"], expected["twice"], twice, given, "every derivative has a graph")


def judge_beginnings(case: Case, reply: dict) -> None:
    """New blocks are made of trainable leaves with numbers of their own.

    Raises:
        Lost: they are not.
    """
    must_have_none(
        reply["parameters"],
        "still registered as parameters",
        "buffers only",
        case.given,
        "build the block from MetaConv2d and MetaBatchNorm2d",
    )
    weights = {name: "leaf" for name, _ in case.twin.named_parameters()}
    must_be(reply["kinds"], weights, case.given, "a new block's weights are trainable leaves")
    made = "two new blocks, both made by this call"
    own = "layers are made in __init__, anew for each block, and begin as they are"
    must_have_none(reply["shared"], "in the memory of the other", "tensors of its own", made, own)
    one, other = reply["beginnings"]
    for name, tensor in case.twin.state_dict().items():
        if tensor.ndim < 2:
            close(one[name], tensor.double(), what=f"at first, {name}", given=made, idea=own)
    convolutions = {n: t for n, t in one.items() if t.ndim > 1}
    judge_drawn(convolutions, other, made)
    for name in reply["torchs"]:  # a layer of one's own may draw what it likes
        weight = convolutions[name]
        judge_uniform(name, torch.cat([weight, other[name]]), made)


def judge_uniform(name: str, weight: Tensor, made: str) -> None:
    """A new convolution has the numbers that torch's layers draw: between two bounds, all alike.

    Raises:
        Lost: they have another distribution.
    """
    bound, n = weight[0].numel() ** -0.5, weight.numel()
    size = (weight.abs() / bound).flatten().sort().values
    apart = (size - torch.arange(1, n + 1) / n).abs().max()
    if not (size[-1] <= 1 + 1e-6 and apart <= 2.8 / n**0.5):  # chance: once in a million
        raise Lost(
            f"at first, {name}: numbers up to {float(size[-1] * bound):.3g}",
            f"numbers from the uniform distribution up to {bound:.3g}, as nn.Conv2d draws them",
            made,
            "MetaConv2d has drawn its numbers when it is made; leave them as they are",
        )


def judge_drawn(one: Tensors, other: Tensors, made: str) -> None:
    """Each entry of the convolutions in two new blocks is a number of its own.

    Raises:
        Lost: some are copies.
    """
    plain, scaled = [], []
    for name, weight in one.items():
        for numbers in (weight.flatten(), other[name].flatten()):
            plain.append(numbers)
            scaled.append(numbers * weight[0].numel() ** 0.5)  # as layers of other sizes draw it
    for numbers in (torch.cat(plain), torch.cat(scaled)):
        if (numbers.abs().sort().values.diff() < 1e-14).sum() > 2:
            own = "each layer draws its numbers when it is made, and begins with them"
            raise Lost("at first, the same numbers twice", "a number drawn for each", made, own)


def block_of(twin: Block, state: Tensors, case: Case, x: Tensor, probe: Tensor) -> dict:
    """What the twin computes with these numbers."""
    twin, sources = twin.double(), doubled(state)
    weights = [name for name, _ in twin.named_parameters()]
    squared = set(weights) if case.numbers == "assigned" else set()
    twin.load_state_dict({n: s.square() if n in squared else s for n, s in sources.items()})
    x = x.double().requires_grad_()
    pairs = zip(case.modes, x, strict=True)
    output = torch.stack([turn(twin, mode)(batch) for mode, batch in pairs])
    expected = {
        "output": output.detach(),
        "state": {n: t.double().clone() for n, t in twin.state_dict().items()},
    }
    if not squared:
        return expected
    named, total = dict(twin.named_parameters()), (probe.double() * output).sum()
    (by_x,) = torch.autograd.grad(total, x, create_graph=True)
    first, second = (slopes_of(each, named) for each in (total, by_x.square().sum()))
    by_source = [{n: s[n] * 2 * sources[n] for n in named} for s in (first, second)]
    return expected | {"by_weight": by_source[0], "by_x": by_x.detach(), "twice": by_source[1]}
