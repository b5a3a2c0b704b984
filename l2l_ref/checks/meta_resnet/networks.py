"""The networks on which answers of exercise 06 are tried; they stand on the answering side."""

import torch
import torch.nn.functional as F
from torch import nn

from ..module_answers import put_tensor
from ..wire import Tensors

# 2. make_meta


class Affine(nn.Module):
    """Weights of its own, which are called neither weight nor bias, and a constant."""

    def __init__(self, channels: int):
        super().__init__()
        self.slope = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.lift = nn.Parameter(torch.zeros(()))
        self.register_buffer("mask", torch.ones(channels))
        self.register_buffer("twice", torch.tensor(2.0), persistent=False)  # no key

    def forward(self, x):
        return (x * self.slope + self.shift) * self.mask + self.twice * self.lift


class Ordinary(nn.Module):
    """A network of ordinary modules: weights of its own, a convolution, batch norm and more."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 3, 3, stride=2, bias=False), nn.BatchNorm2d(3))
        self.bend, self.affine = nn.PReLU(), Affine(3)
        self.hidden = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.fc = nn.Linear(3, 4)
        self.gain = nn.Parameter(torch.ones(4))

    def forward(self, x):
        x = self.bend(self.stem(x))
        x = self.affine(x.mean((2, 3)))
        for layer in self.hidden:
            x = layer(x).tanh()
        return self.gain * self.fc(x)


#: The places that may share the tensor of another one, in one module and in two.
TIED = {"hidden.1.weight": "hidden.0.weight", "affine.shift": "affine.slope"}


def ordinary(state: Tensors, tied: bool, frozen: list[str], training: bool) -> Ordinary:
    """The ordinary network in float64, with these numbers."""
    network = Ordinary().double()
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


def network_of(tensors: Tensors, momenta: list, training: bool) -> Network:
    """The network with these tensors in their places."""
    network = Network(momenta)
    for name, tensor in tensors.items():
        put_tensor(network, name, tensor)
    return network.train(training)


# 3. initialise


class Wide(nn.Module):
    """Layers of many kinds, never called. ``filters`` and a linear weight have traps of shape."""

    def __init__(self, channels: int):
        super().__init__()
        c = channels
        self.register_buffer("filters", torch.randn(c, 1, 3, 3))
        self.conv1 = Filters(c, 2 * c, 3)
        self.bn1 = Levels(2 * c)
        self.blocks = nn.ModuleList([Filters(2 * c, 2 * c, 3, stride=2) for _ in range(2)])
        self.conv2 = TwinConv(2 * c, c, (3, 5), groups=2)
        self.bn2 = TwinNorm(c)
        self.shortcut = nn.Sequential(Filters(c, 3 * c, 1, bias=True), TwinNorm(3 * c))
        self.bend = Slope()
        self.fc = Linear(3 * c, c)


class Slope(Meta, nn.PReLU):
    """A weight with one dimension that is not batch norm's."""


def wide(channels: int) -> Wide:
    """A network whose numbers are all away from 0 and 1."""
    network, numbers = Wide(channels), torch.Generator().manual_seed(channels)
    with torch.no_grad():
        for tensor in network.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(2.0, 3.0, generator=numbers)
    return network


# 4. load_pretrained


class Headed(nn.Module):
    """A network whose head, the last layer of it, has one of several names."""

    def __init__(self, classes: int):
        super().__init__()
        self.register_buffer("centre", torch.zeros(2, 1, 1))
        self.conv1, self.bn1 = Filters(2, 3, 3), TwinNorm(3)
        self.features = nn.Sequential(Filters(3, 4, 1, bias=True), Levels(4))
        self.fc2, self.trunk = Linear(4, 4), nn.ModuleDict({"fc": Linear(4, 2)})
        self.classifier = nn.Sequential(Linear(4, 3), nn.Tanh(), Linear(3, classes))
        self.fc = Linear(3, classes)
        self.fc_norm = TwinNorm(classes)
