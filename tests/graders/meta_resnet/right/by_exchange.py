"""Tensors are exchanged in the network itself and put back; no functional_call."""

import contextlib
import weakref

import torch
import torch.nn.functional as F
from torch import nn


class Conv(nn.Module):
    def __init__(self, fan_in, fan_out, size, stride):
        super().__init__()
        twin = nn.Conv2d(fan_in, fan_out, size, bias=False)
        self.register_buffer("weight", twin.weight.data.clone().requires_grad_(True))
        self.stride, self.padding = stride, size // 2

    def forward(self, x):
        return torch.conv2d(x, self.weight, None, self.stride, self.padding)


class Norm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.register_buffer("weight", torch.ones(channels, requires_grad=True))
        self.register_buffer("bias", torch.zeros(channels, requires_grad=True))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training:
            self.num_batches_tracked += 1
        running = self.running_mean, self.running_var
        return F.batch_norm(x, *running, self.weight, self.bias, self.training)


class MetaBasicBlock(nn.Module):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.conv1, self.bn1 = Conv(in_channels, channels, 3, stride), Norm(channels)
        self.conv2, self.bn2 = Conv(channels, channels, 3, 1), Norm(channels)
        self.downsample = nn.Sequential()
        if (stride, channels) != (1, in_channels):
            self.downsample = nn.Sequential(Conv(in_channels, channels, 1, stride), Norm(channels))

    def forward(self, x):
        out = self.bn2(self.conv2(self.bn1(self.conv1(x)).clamp(min=0)))
        return torch.clamp(out + self.downsample(x), min=0)


def make_meta(module):
    import copy

    made = copy.deepcopy(module)
    met = {}

    def convert(one):
        for name in list(one._parameters):
            parameter = one._parameters.pop(name)
            if parameter is None:
                one._parameters[name] = None
                continue
            if id(parameter) not in met:
                new = parameter.data.clone()
                new.requires_grad = parameter.requires_grad
                met[id(parameter)] = new, parameter  # so that no other one gets this id
            one._buffers[name] = met[id(parameter)][0]

    made.apply(convert)
    return made


@torch.no_grad()
def initialise(network, generator):
    for name, tensor in network.named_buffers():
        owner = network.get_submodule(name.rpartition(".")[0])
        if not tensor.requires_grad:
            continue
        if tensor.dim() == 4:
            out, _, high, wide = tensor.shape
            numbers = torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype)
            tensor.copy_(numbers * (2.0 / (out * high * wide)) ** 0.5)
        elif "running_mean" in owner._buffers:
            tensor.fill_(float(name.endswith("weight")))


def load_pretrained(network, state, head):
    there = network.state_dict()
    new = [name for name in there if name[: len(head) + 1] == head + "."]
    for name in state:
        if not name.startswith(f"{head}.") and name not in there:
            raise KeyError(name)
    for name in there:
        if name in new:
            continue
        if tuple(state[name].shape) != tuple(there[name].shape):
            raise ValueError(name)
    network.load_state_dict({**state, **{name: there[name] for name in new}}, strict=False)
    return tuple(new)


@contextlib.contextmanager
def borrowed(network):
    """The network, whose tensors are put back at the end; the places of each weight."""
    places = [(m, n, b) for m in network.modules() for n, b in m._buffers.items() if b is not None]
    weights = {}
    for module, name, buffer in places:
        if buffer.requires_grad:
            weights.setdefault(id(buffer), []).append((module, name))
        else:
            module._buffers[name] = buffer.clone()
    try:
        yield list(weights.values())
    finally:
        for module, name, buffer in places:
            module._buffers[name] = buffer


def step(network, weights, batch, rate, first_order):
    x, labels = batch
    now = [module._buffers[name] for (module, name), *_ in weights]
    loss = F.cross_entropy(network(x), labels)
    slopes = torch.autograd.grad(loss, now, create_graph=True, materialize_grads=True)
    for places, weight, slope in zip(weights, now, slopes):
        weight = weight - rate * (slope.detach() if first_order else slope)
        for module, name in places:
            module._buffers[name] = weight


def loss_after_step(network, train, test, rate, first_order=False):
    with borrowed(network) as places:
        step(network, places, train, rate, first_order)
        return F.nll_loss(network(test[0]).log_softmax(1), test[1])


def inner_loop(network, batches, rate, first_order=False):
    with borrowed(network) as places:
        for batch in batches:
            step(network, places, batch, rate, first_order)
        now = list(network.named_buffers())
    theta = {name: tensor for name, tensor in now if tensor.requires_grad}
    return theta, {name: tensor for name, tensor in now if name not in theta}


def held_bytes(compute, weights):
    class Held:
        pass

    alive = weakref.WeakKeyDictionary()

    def pack(tensor):
        held = Held()
        held.tensor = tensor.detach()
        alive[held] = tensor.untyped_storage().data_ptr(), tensor.untyped_storage().nbytes()
        return held

    def unpack(held):
        return held.tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        kept = [compute()]
        found = dict(alive.values())
    kept.clear()
    own = {w.untyped_storage().data_ptr() for w in weights}
    return torch.tensor(sum(size for place, size in found.items() if place not in own))
