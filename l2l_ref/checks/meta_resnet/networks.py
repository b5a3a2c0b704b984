"""What answers of exercise 06 are tried on: networks, on the answering side."""

import contextlib
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..module_answers import put_tensor
from ..wire import Tensors


def statistic(name: str) -> bool:
    """Whether a name is that of something which batch norm moves."""
    return name.rpartition(".")[2] in ("running_mean", "running_var", "num_batches_tracked")


@contextlib.contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """New tensors get this dtype. (`Module.double` would make results of trainable buffers.)"""
    found = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(found)


# 1. MetaBasicBlock


def turn(block: nn.Module, mode: str) -> nn.Module:
    """Put a block into a mode: "train", "eval", or such as "train, but bn1 in eval"."""
    mode, _, exception = mode.partition(", but ")
    block.train(mode == "train")
    if exception:
        part, _, mode = exception.partition(" in ")
        block.get_submodule(part).train(mode == "train")
    return block


def set_parts(block: nn.Module, settings: dict) -> list[str]:
    """Change attributes of parts of a block, by names such as bn1.momentum; which it has."""
    parts, there = dict(block.named_modules()), []
    for name, value in settings.items():
        part, _, attribute = name.rpartition(".")
        if hasattr(parts.get(part), attribute):
            setattr(parts[part], attribute, value)
            there.append(name)
    return there


# 2. make_meta


class Affine(nn.Module):
    """Weights of its own, which are called neither weight nor bias, and a constant."""

    def __init__(self, channels: int):
        super().__init__()
        self.slope = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.lift = nn.Parameter(torch.zeros(()))
        self.register_buffer("mask", torch.ones(channels))
        self.register_buffer("again", self.mask)  # one constant by two names
        self.register_buffer("twice", torch.tensor(2.0), persistent=False)  # no key
        self.offset = torch.tensor(0.5)  # neither a parameter nor a buffer
        self.offsets = [torch.tensor(0.25)]

    def forward(self, x):
        return (
            (x * self.slope + self.shift) * self.again
            + self.twice * self.lift
            + self.offset
            - self.offsets[0]
        )


class Spare(nn.Module):
    """Weights that nothing is computed from: of rare shapes, dtypes and numbers."""

    def __init__(self, index: bool):
        super().__init__()
        numbers = torch.tensor([float("nan"), float("inf"), -0.0, 0.0])
        few = [torch.empty(0), torch.empty(2, 0), numbers, torch.zeros(2), torch.ones(2, 3).T]
        few.append(torch.tensor([0.1], dtype=torch.float32))
        self.few = nn.ParameterList(map(nn.Parameter, few))
        self.index = nn.Parameter(torch.tensor(3), requires_grad=False) if index else None


def named_like_weights(layer: nn.Module) -> nn.ModuleDict:
    """A layer in a place whose name has those of its weights in it."""
    return nn.ModuleDict({"weights": nn.ModuleDict({"biases": layer})})


class Ordinary(nn.Module):
    """A network of ordinary modules: weights of its own, a convolution, batch norm and more.

    Args:
        index: whether a frozen weight of integers is in it.
    """

    def __init__(self, index: bool = False):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 3, 3, stride=2, bias=False), nn.BatchNorm2d(3))
        self.bend, self.affine = nn.PReLU(), Affine(3)
        self.hidden = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        deep = nn.Sequential(nn.Sequential(), nn.Sequential(nn.Sequential(nn.PReLU()), self.bend))
        self.deep = nn.Sequential(deep)
        self.part = named_like_weights(nn.Linear(3, 4))
        self.old = Linear(4, 4)  # a layer that is meta already
        self.gain = nn.Parameter(torch.ones(4))
        self.spare = Spare(index)

    def forward(self, x):
        x = self.bend(self.stem(x))
        x = self.deep(self.affine(x.mean((2, 3))))
        for layer in self.hidden:
            x = layer(x).tanh()
        return self.gain * self.old(self.part["weights"]["biases"](x))


#: The places that may share the tensor of another one, in one module and in two.
TIED = {"hidden.1.weight": "hidden.0.weight", "affine.shift": "affine.slope"}

#: Two names of the same thing in every ordinary network: a constant, and a module's weight.
ALWAYS_TIED = {"affine.again": "affine.mask", "deep.0.1.1.weight": "bend.weight"}


def ordinary(state: Tensors, tied: bool, frozen: list[str], training: bool) -> Ordinary:
    """The ordinary network in float64, with these numbers."""
    with default_dtype(torch.float64):
        network = Ordinary(index=bool(frozen))
    for place, of in TIED.items() if tied else ():
        put_tensor(network, place, network.get_parameter(of))
    network.load_state_dict(state)
    for name in frozen:
        network.get_parameter(name).requires_grad_(False)
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, 0.5) if parameter.requires_grad else None
    network.train(training).hidden[0].train(not training)  # a part may be in another mode
    return network


# The meta networks of questions 3 to 6


class Meta:
    """Mixed into a layer of ``torch.nn``, as the notebook does: its weights are buffers."""

    def register_parameter(self, name, parameter):
        """Keep a parameter as a buffer."""
        leaf = None if parameter is None else parameter.detach().requires_grad_()
        self.register_buffer(name, leaf)


class TwinConv(Meta, nn.Conv2d):
    """A convolution that is derived from torch's."""


class TwinNorm(Meta, nn.BatchNorm2d):
    """Batch norm that is derived from torch's."""


class Linear(Meta, nn.Linear):
    """A linear layer."""


class Filters(nn.Module):
    """A convolution as exercise 2 has it, derived from ``nn.Module``; its name does not say so."""

    def __init__(self, in_channels, channels, size, stride=1, bias=False):
        super().__init__()
        twin = nn.Conv2d(in_channels, channels, size, bias=bias)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        self.register_buffer("bias", twin.bias.detach().requires_grad_() if bias else None)
        self.stride = stride

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, self.stride, self.weight.shape[-1] // 2)


class Levels(nn.Module):
    """Batch norm as exercise 2 has it, by another name."""

    def __init__(self, channels, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        for name, tensor in TwinNorm(channels).named_buffers():
            self.register_buffer(name, tensor)

    def forward(self, x):
        factor = self.momentum
        if self.training:
            self.num_batches_tracked += 1
            factor = 1 / self.num_batches_tracked.item() if factor is None else factor
        statistics = self.running_mean, self.running_var
        return F.batch_norm(x, *statistics, self.weight, self.bias, self.training, factor or 0.0)


class Residual(nn.Module):
    """A smooth relative of a residual block, so that derivatives have no kinks."""

    def __init__(self, in_channels, channels, momentum):
        super().__init__()
        self.conv = Filters(in_channels, channels, 3, stride=2)
        self.bn = Levels(channels, momentum)
        self.shortcut = Filters(in_channels, channels, 1, stride=2)

    def forward(self, x):
        return F.softplus(self.bn(self.conv(x)) + self.shortcut(x))


class Network(nn.Module):
    """A small residual network with batch norm. ``centre`` is a constant.

    Args:
        momenta: of its two batch norms; None stands for plain averages.
    """

    def __init__(self, momenta: list):
        super().__init__()
        self.register_buffer("centre", torch.zeros(2, 1, 1))
        self.conv1, self.bn1 = Filters(2, 3, 3), TwinNorm(3, momentum=momenta[0])
        self.block = Residual(3, 4, momenta[1])
        self.fc = Linear(4, 5)

    def forward(self, x):
        x = F.softplus(self.bn1(self.conv1(x - self.centre)))
        return self.fc(self.block(x).mean((2, 3)))


class Deep(nn.Module):
    """A smooth network of many small layers, for pictures of any size."""

    def __init__(self, momenta: list):
        super().__init__()
        self.norm = TwinNorm(2, momentum=momenta[0])
        self.part = named_like_weights(Linear(2, 3))
        self.gains = nn.ModuleList([Gain() for _ in range(11)])  # gains.10 sorts before gains.2
        self.fc = Linear(3, 5)

    def forward(self, x):
        x = self.part["weights"]["biases"](self.norm(x).mean((2, 3)))
        x = self.centred(x)
        for gain in self.gains:
            x = gain(x)
        return self.fc(x)

    def centred(self, x: Tensor) -> Tensor:
        """What some networks below do after the first layers."""
        return x


class Tied(Deep):
    """Two layers have one weight, and two modules one constant.

    No module is in two places: there `functional_call` leaves behind what it has put in.
    """

    def __init__(self, momenta: list):
        super().__init__(momenta)
        self.gains[10].weight = self.gains[3].weight
        self.register_buffer("offset", torch.zeros(3))
        self.gains[2].register_buffer("offset", self.offset)

    def centred(self, x):
        return x - self.offset * self.gains[2].offset


class Unused(Deep):
    """There is a weight that no loss reaches, and one that those on some batches do not reach."""

    def __init__(self, momenta: list):
        super().__init__(momenta)
        self.register_buffer("unused", torch.ones(2).requires_grad_())
        self.register_buffer("seldom", torch.ones(3).requires_grad_())

    def centred(self, x):
        return x if len(x) % 2 else x * self.seldom


class NoKey(Deep):
    """A weight and statistics are not in the state dict."""

    def __init__(self, momenta: list):
        super().__init__(momenta)
        self.register_buffer("slope", torch.ones(3).requires_grad_(), persistent=False)
        self.register_buffer("mean", torch.zeros(3), persistent=False)

    def centred(self, x):
        if self.training:
            self.mean.lerp_(x.detach().mean(0), 0.3)
        return (x - (x.mean(0) if self.training else self.mean)) * self.slope


class Renewing(Deep):
    """A new tensor takes the place of a statistic."""

    def __init__(self, momenta: list):
        super().__init__(momenta)
        self.register_buffer("mean", torch.zeros(3))

    def centred(self, x):
        if self.training:
            self.mean = 0.7 * self.mean + 0.3 * x.detach().mean(0)
        return x - (x.mean(0) if self.training else self.mean)


class Mixed(Deep):
    """Its batch norm is in the other mode."""


def turned(*shape: int) -> Tensor:
    """A weight whose last dimension comes first in memory."""
    return torch.randn(shape[::-1]).permute(*reversed(range(len(shape)))).requires_grad_()


class Gain(nn.Module):
    """A smooth layer with three weights."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.ones(3).requires_grad_())

    def forward(self, x):
        return x + (x * self.weight).tanh()


#: By the names that questions have for them.
KINDS = {
    "residual": Network,
    "deep": Deep,
    "tied": Tied,
    "unused": Unused,
    "no_key": NoKey,
    "renewing": Renewing,
    "mixed": Mixed,
}


def network_of(kind: str, tensors: Tensors, momenta: list, training: bool) -> nn.Module:
    """A network of a kind with these tensors in their places."""
    network = KINDS[kind](momenta)
    put_all(network, tensors)
    return modes_of(network, training)


def put_all(network: nn.Module, tensors: Tensors) -> None:
    """Put tensors in their places, tied ones in all of them."""
    own = dict(network.named_buffers(remove_duplicate=False))
    for name, tensor in tensors.items():
        for place in [each for each in own if own[each] is own[name]]:
            put_tensor(network, place, tensor)


def modes_of(network: nn.Module, training: bool) -> nn.Module:
    """Put a network in a mode, and a part of a mixed one in the other."""
    network.train(training)
    if isinstance(network, Mixed):
        network.norm.train(not training)
    return network


# 3. initialise


class Wide(nn.Module):
    """Layers of many kinds, never called. ``filters`` and a linear weight have traps of shape."""

    def __init__(self, channels: int, bare: bool):
        super().__init__()
        c = channels
        self.register_buffer("filters", torch.randn(c, 1, 3, 3))
        self.conv1 = Filters(c, 2 * c, 3)
        self.bn1 = Levels(2 * c)
        self.blocks = nn.ModuleList([Filters(c, c, 3, stride=2) for _ in range(2)])
        self.conv2 = TwinConv(2 * c, c, (3, 5), groups=2)
        self.bn2 = TwinNorm(c).eval()
        self.shortcut = nn.Sequential(Filters(c, 3 * c, 1, bias=True), TwinNorm(3 * c))
        self.bend, self.part = Slope(), named_like_weights(TwinNorm(c))
        self.fc = Linear(3 * c, c)
        self.rare(c)
        if bare:
            self.lacking(c)

    def rare(self, c: int) -> None:
        """A weight of its own without a key; tied, turned, deep and frozen ones."""
        self.register_buffer("kernel", torch.randn(c, 8, 1, 7).requires_grad_(), persistent=False)
        self.pair = nn.ModuleList([Filters(c, 4, 3), Filters(c, 4, 3)])
        self.pair[1].weight = self.pair[0].weight
        inmost = Filters(1, 1, 1)
        inmost.weight = turned(c, 8, 3, 3)
        self.deep = nn.Sequential(nn.Sequential(), nn.Sequential(nn.Sequential(inmost)))
        self.narrow = Filters(2800 * c, 1, 1)  # one output: its numbers are larger than others
        few = {(1, 1): 4, (1, 2): 20, (2, 1): 20}  # channels: layers of one or two entries
        self.tiny = nn.ModuleList([Filters(*each, 1) for each in few for _ in range(few[each])])
        self.still, self.still_norm = Filters(c, 2, 3), TwinNorm(c)
        self.halves = nn.ModuleList([TwinNorm(c), TwinNorm(c)])  # each with one frozen weight
        frozen = self.still.weight, self.still_norm.weight, self.still_norm.bias
        for tensor in (*frozen, self.halves[0].bias, self.halves[1].weight):
            tensor.requires_grad_(False)

    def lacking(self, c: int) -> None:
        """Batch norms that lack a weight, the other one, or both, or statistics."""
        self.bare_norm = TwinNorm(c, affine=False)
        self.lone = nn.ModuleList([TwinNorm(c), TwinNorm(c)])
        self.lone[0].bias = self.lone[1].weight = None
        self.uncounted = Levels(c)  # known by its running_mean alone
        del self.uncounted.num_batches_tracked, self.uncounted.running_var


class Slope(Meta, nn.PReLU):
    """A weight with one dimension that is not batch norm's."""


def wide(channels: int, seed: int, bare: bool) -> Wide:
    """A network whose numbers are all away from 0 and 1, with a gradient in front of each."""
    network, numbers = Wide(channels, bare), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for tensor in network.buffers():
            if tensor.is_floating_point():
                tensor.uniform_(2.0, 3.0, generator=numbers)
                tensor.grad = torch.full_like(tensor, 0.5)
    with torch.no_grad():
        network.conv1.weight[0, 0, 0, 0] = float("nan")  # which must not matter
        network.bn1.bias[0] = network.bn2.weight[0] = float("nan")
        network.part["weights"]["biases"].bias[1] = float("inf")
    return network


# 4. load_pretrained


class Headed(nn.Module):
    """A network whose head, the last layer of it, has one of several names.

    Args:
        rare: whether layers share weights, some of which are turned, and have constants without
            a key.
    """

    def __init__(self, classes: int, rare: bool):
        super().__init__()
        self.register_buffer("centre", torch.zeros(2, 1, 1))
        self.conv1, self.bn1 = Filters(2, 3, 3), TwinNorm(3).eval()
        self.features = nn.Sequential(Filters(3, 4, 1, bias=True), Levels(4))
        self.fc2, self.trunk = Linear(4, 4), nn.ModuleDict({"fc": named_like_weights(Linear(4, 2))})
        self.mirror = Linear(4, 4)
        self.classifier = nn.Sequential(Linear(4, 3), nn.Tanh(), Linear(3, classes))
        self.classifier_2 = Linear(2, 2)  # to a pattern, the dot of classifier.2 is any character
        self.fc = Linear(3, classes)
        self.fc_norm = TwinNorm(classes)
        if rare:
            for layer in (self.fc2, self.conv1, self.classifier[2], self.fc):
                layer.weight = turned(*layer.weight.shape)
            for place, of in LOAD_TIED.items():
                put_tensor(self, place, self.get_buffer(of))
            for part in (self, self.features, self.classifier[2], self.fc):
                part.register_buffer("no_key", torch.ones(2), persistent=False)


#: The places that share the tensor of another one in a rare network to load into.
LOAD_TIED = {"mirror.weight": "fc2.weight", "features.1.weight": "features.0.bias"}
