"""The networks on which answers of exercise 01 are tried; they stand on the answering side."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from ..wire import Tensors


class Tied(nn.Module):
    """One matrix in four places, two of them in one module; a buffer; a part in eval mode."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)
        self.second.weight = self.mix = self.also = self.first.weight
        self.register_buffer("shift", torch.ones(3))
        self.second.eval()

    def forward(self, x):
        return self.second(self.first(x).tanh()) + x @ self.mix + x @ self.also.T + self.shift


class Alike(nn.Module):
    """Names that end alike, such as ``b.weight`` and ``weight``, in no order of the alphabet."""

    def __init__(self):
        super().__init__()
        self.a = nn.ModuleDict({"b": nn.Linear(3, 3)})
        self.b = nn.Linear(3, 3)
        self.weight, self.weight_b = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
        self.a_weight = nn.Parameter(torch.ones(3))

    def forward(self, x):
        return self.b(self.a["b"](x).tanh() * self.weight) * self.weight_b + self.a_weight


class Listed(nn.Module):
    """Parameters in a list and in a dict."""

    def __init__(self):
        super().__init__()
        self.steps = nn.ParameterList([nn.Parameter(torch.ones(3, 3)) for _ in range(2)])
        self.named = nn.ParameterDict({"shift": nn.Parameter(torch.ones(3))})

    def forward(self, x):
        for step in self.steps:
            x = x.tanh() @ step + self.named["shift"]
        return x


class Pictures(nn.Module):
    """Weights of four dimensions and of none; its input are small pictures."""

    def __init__(self):
        super().__init__()
        self.filters, self.scale = nn.Conv2d(2, 2, 2), nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.scale * self.filters(x).tanh().flatten(1)


class Counting(nn.Module):
    """Counts its calls in a buffer that is not in the state dict."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(()), persistent=False)

    def forward(self, x):
        self.calls += 1
        return x


class Holding(nn.Module):
    """Holds results as `put` might leave them, one of them in a buffer, and a leaf in another."""

    def __init__(self):
        super().__init__()
        self.source = torch.zeros((), requires_grad=True)
        self.source.grad = torch.ones(())
        self.factor = self.source + 1
        self.register_buffer("scale", 2 * self.source + 1)
        self.register_buffer("level", torch.zeros((), requires_grad=True))

    def forward(self, x):
        return self.factor * self.scale * x + self.level


class InOneMemory(nn.Module):
    """Two parameters that share their memory; they are two."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3, 3))
        self.other = nn.Parameter(self.weight.data)

    def forward(self, x):
        return (x @ self.weight).tanh() @ self.other


class Added(nn.Module):
    """Parameters that are added to the outputs, so that both have one gradient."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)
        self.one, self.other = nn.Parameter(torch.ones(8, 2)), nn.Parameter(torch.ones(8, 2))

    def forward(self, x):
        return self.layer(x).tanh() + self.one + self.other


class Turned(nn.Module):
    """A parameter that is a transposed view."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 3).T)

    def forward(self, x):
        return (x @ self.weight).tanh()


def with_statistics() -> nn.Module:
    """Buffers that a forward pass writes into."""
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), Counting(), nn.Linear(4, 2))


class Doubling(nn.Module):
    """Doubles in training mode."""

    def forward(self, x):
        return 2 * x if self.training else x


class Rooted(nn.Module):
    """Takes the root of the size of its input, which has no slope at 0."""

    def forward(self, x):
        return x.abs().sqrt()


def in_mixed_modes(whole: bool) -> nn.Module:
    """A network with parts in training mode and in eval mode: batch norm, and a counter beside it.

    Both modes write into buffers: batch norm in one of them, the counter in both.
    """
    norm = nn.BatchNorm1d(4)
    norm.running_mean.copy_(torch.linspace(-1, 1, 4))
    norm.running_var.copy_(torch.linspace(0.5, 2, 4))
    counter = Counting()
    network = nn.Sequential(nn.Linear(3, 4), norm, Doubling(), nn.Tanh(), counter, nn.Linear(4, 2))
    network.training = whole
    norm.train(not whole)
    counter.train(not whole)
    return network


def frozen(network: nn.Module, *names: str) -> nn.Module:
    """The network with some parameters frozen."""
    for name in names:
        network.get_parameter(name).requires_grad_(False)
    return network


def encoder_and_head() -> nn.Module:
    """A network of two parts that have names."""
    encoder = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
    return nn.Sequential(OrderedDict(encoder=encoder, head=nn.Linear(4, 2)))


def holding() -> nn.Module:
    """The same, and a part that holds results."""
    network = encoder_and_head()
    network.add_module("end", Holding())
    return network


def twice() -> nn.Module:
    """One layer in two places: its weight has two names, and one owner."""
    layer = nn.Linear(3, 3)
    return nn.Sequential(layer, nn.Tanh(), layer)


def deep() -> nn.Module:
    """A layer five levels down."""
    inner = nn.ModuleDict({"layer": nn.Linear(3, 3)})["layer"]
    for _ in range(4):
        inner = nn.Sequential(inner, nn.Tanh())
    return inner


#: By what a report calls them.
NETWORKS = {
    "nn.Linear(3, 2)": lambda: nn.Linear(3, 2),
    "nn.Linear(3, 2, bias=False)": lambda: nn.Linear(3, 2, bias=False),
    "an nn.Sequential of encoder and head": encoder_and_head,
    "an nn.Sequential of encoder and head, with a frozen layer": lambda: frozen(
        encoder_and_head(), "encoder.0.weight", "head.bias"
    ),
    "an nn.Sequential of encoder and head, and a part that holds results": holding,
    "twelve layers in a row": lambda: nn.Sequential(*(nn.Linear(2, 2) for _ in range(12))),
    "layers in layers, five levels deep": deep,
    "a network with one layer in two places": twice,
    "a network in which names end alike": Alike,
    "a network that holds one parameter in several places": Tied,
    "a network with an nn.ParameterList and an nn.ParameterDict": Listed,
    "a convolution and a factor without dimensions": Pictures,
    "a network with batch norm and a counter": with_statistics,
    "a network with two parameters in one memory": InOneMemory,
    "a network with two parameters that are added": Added,
    "a network whose weight is a transposed view": Turned,
    "a layer with a root after it": lambda: nn.Sequential(nn.Linear(3, 2), Rooted()),
    "nn.Linear(3, 2) with a frozen weight": lambda: frozen(nn.Linear(3, 2), "weight"),
    "a network in training mode with a batch norm in eval mode": lambda: in_mixed_modes(True),
    "a network in eval mode with a batch norm in training mode": lambda: in_mixed_modes(False),
}

#: The shapes of a batch, where it is not (8, 3).
BATCHES = {"twelve layers in a row": (8, 2)}
BATCHES["a convolution and a factor without dimensions"] = (4, 2, 3, 3)


def build(network: str, weights: Tensors) -> nn.Module:
    """A network with these weights, in their dtype."""
    made = NETWORKS[network]().to(next(iter(weights.values())).dtype)
    load(made, weights)
    return made


@torch.no_grad()
def load(module: nn.Module, weights: Tensors) -> None:
    """Write numbers into a network's own parameters."""
    for name, parameter in module.named_parameters():
        parameter.copy_(weights[name])


def shapes_of(network: str) -> dict[str, tuple]:
    """The shapes of a network's parameters, by name."""
    return {n: tuple(p.shape) for n, p in NETWORKS[network]().named_parameters()}


def turned(tensor: Tensor) -> Tensor:
    """The same numbers in another order in memory: a transposed view, where there is one."""
    return tensor.movedim(0, -1).contiguous().movedim(-1, 0) if tensor.ndim > 1 else tensor


def strided(tensor: Tensor) -> Tensor:
    """The same numbers as every other one in memory, with the graph behind them."""
    return torch.stack([tensor, -tensor], -1)[..., 0]
