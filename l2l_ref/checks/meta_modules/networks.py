"""The networks on which answers of exercise 02 are tried; they stand on the answering side."""

import torch.nn.functional as F
from torch import Tensor, nn

from ..module_answers import put_tensor
from ..wire import Tensors


class Layer(nn.Module):
    """A linear layer whose weights are buffers; None stands for one that it does not have."""

    def __init__(self, weight: Tensor | None = None, bias: Tensor | None = None):
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


class Norm(nn.Module):
    """Shift and scale: a weight of another name, between buffers that are none."""

    def __init__(self):
        super().__init__()
        for name in ("running_mean", "scale", "num_batches_tracked"):
            self.register_buffer(name, None)

    def forward(self, x):
        return (x - self.running_mean) * self.scale


class Mask(nn.Module):
    """A fixed factor for each channel, which is called weight and is none."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", None)

    def forward(self, x):
        return x * self.weight


class Network(nn.Module):
    """The tree: a weight of its own, layers, and a layer that it does not use."""

    def __init__(self):
        super().__init__()
        self.register_buffer("gain", None)
        self.register_buffer("lift", None)
        self.embed, self.norm, self.mask = Layer(), Norm(), Mask()
        self.blocks = nn.Sequential(Layer(), Layer())
        self.head, self.spare = Layer(), nn.Sequential(nn.Sequential(Layer()))

    def forward(self, x):
        x = self.mask(self.norm(self.embed(x).tanh()))
        for block in self.blocks:
            x = block(x).tanh()
        return self.gain * self.head(x) + self.lift


#: The places that may share the tensor of another one: two layers, and two buffers of one module.
SHARED = {"blocks.1.weight": "blocks.0.weight", "lift": "gain"}


def build(weights: Tensors, constants: Tensors) -> Network:
    """The network with these tensors in it, by dotted names; what is missing is `SHARED`."""
    network = Network()
    tensors = weights | constants
    tensors |= {place: tensors[of] for place, of in SHARED.items() if place not in tensors}
    for name, tensor in tensors.items():
        put_tensor(network, name, tensor)
    return network
