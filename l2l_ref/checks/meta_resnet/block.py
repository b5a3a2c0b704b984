"""The question of exercise 06 on the residual block, beside torchvision's from ordinary layers."""

import torch
import torch.nn.functional as F
from torch import nn

from ..answering import doubled
from ..examining import close, must_be_kept
from ..wire import Tensors
from .exact import ABOVE, EXACT, all_close, must_be, must_have_none, numbers_for, slopes_of
from .run import one_thread


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


def exam_block(generator, ask, report):
    """Outputs of both kinds of block; state dicts and the graph."""
    one_thread()

    def judge(arguments: tuple, options: dict, modes: list[bool], numbers: str, idea: str) -> None:
        words = [*map(repr, arguments), *(f"{name}={value}" for name, value in options.items())]
        call = f"MetaBasicBlock({', '.join(words)})"
        twin = Block(*arguments, **options)
        state = numbers_for(twin, generator)
        x = 0.5 * torch.randn((len(modes), 3, arguments[0], 6, 5), generator=generator)
        probe = torch.randn((len(modes), *twin(x[0]).shape), generator=generator)
        reply = ask(
            block=call,
            probe_arguments=list(arguments),
            probe_options=options,
            state=state,
            probe_numbers=numbers,
            x=x,
            modes=modes,
            probe=probe,
        )
        expected = block_of(twin, state, numbers, x, modes, probe)
        given = f"{call}, {' then '.join('train' if mode else 'eval' for mode in modes)}"
        close(
            reply["output"],
            expected["output"],
            what="its outputs",
            given=given,
            idea=idea,
            tolerance=EXACT,
        )
        must_be_kept(reply["changed"], given, "relu_ and += write into the tensor they are given")
        if numbers != "assigned":
            return
        all_close(
            reply["by_weight"],
            expected["by_weight"],
            "the derivative of its outputs in the source of",
            f"{given}; each of its weights is set to source ** 2",
            "forward must call the layers with the tensors that they hold, under their names",
        )
        close(
            reply["by_x"],
            expected["by_x"],
            what="the derivative in x",
            given=given,
            idea=idea,
            tolerance=EXACT,
        )
        all_close(
            reply["state"],
            expected["state"],
            "afterwards, in its state dict,",
            given,
            "each batch goes once through each batch norm, in the mode that the block is in",
        )
        must_have_none(
            reply["parameters"],
            "still registered as parameters",
            "buffers only",
            given,
            "build the block from MetaConv2d and MetaBatchNorm2d",
        )
        weights = dict.fromkeys(expected["by_weight"], "leaf")
        must_be(reply["kinds"], weights, given, "a new block's weights are trainable leaves")

    train_and_eval = [True, False, True]
    with report.criterion("block: its outputs where the shortcut is the identity", 1):
        rule = "relu(bn2(conv2(relu(bn1(conv1(x))))) + x): the second relu comes after the sum"
        judge((4, 4), {}, [True], "loaded", rule)
        judge((3, 3), {"stride": 1}, [False], "loaded", rule)
        judge((5, 5, 1), {}, train_and_eval, "loaded", rule)
    with report.criterion("block: its outputs where the shortcut is a projection", 1):
        rule = (
            "the projection is there when the stride is not 1 or the channels change; it has the "
            "stride of conv1, and conv2 has none; a batch norm follows it, and no relu"
        )
        judge((2, 4), {"stride": 2}, [True], "loaded", rule)
        judge((4, 3), {}, [False], "loaded", rule)
        judge((5, 5, 2), {}, train_and_eval, "loaded", rule)
        judge((2, 3, 3), {}, [True], "loaded", rule)
    with report.criterion("block: weights with a graph, and state dicts that go both ways", 1):
        rule = ABOVE
        judge((4, 4), {}, train_and_eval, "assigned", rule)
        judge((3, 4), {"stride": 2}, train_and_eval, "assigned", rule)


def block_of(twin: Block, state: Tensors, numbers: str, x, modes: list[bool], probe) -> dict:
    """What the twin computes; ``numbers`` as in `run_block`."""
    twin, sources = twin.double(), doubled(state)
    weights = [name for name, _ in twin.named_parameters()]
    squared = set(weights) if numbers == "assigned" else set()
    twin.load_state_dict({n: s.square() if n in squared else s for n, s in sources.items()})
    x = x.double().requires_grad_()
    output = torch.stack([twin.train(mode)(batch) for mode, batch in zip(modes, x, strict=True)])
    named = dict(twin.named_parameters())
    slopes = slopes_of((probe.double() * output).sum(), {"x": x, **named})
    return {
        "output": output.detach(),
        "by_weight": {n: slopes[n] * (2 * sources[n] if n in squared else 1) for n in named},
        "by_x": slopes["x"],
        "state": {n: t.double() for n, t in twin.state_dict().items()},
    }
