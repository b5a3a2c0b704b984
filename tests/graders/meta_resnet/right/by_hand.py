"""Batch norm in plain tensor operations, exchanged tensors in a class, checks before loading."""

import copy
import weakref

import torch
import torch.nn.functional as F
from torch import nn


class Norm(nn.Module):
    """Batch norm whose statistics are moved in place."""

    def __init__(self, channels):
        super().__init__()
        for name, number in {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}.items():
            trainable = not name.startswith("running")
            tensor = torch.full((channels,), float(number), requires_grad=trainable)
            self.register_buffer(name, tensor)
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean = x.mean((0, 2, 3))
            var = x.var((0, 2, 3), unbiased=False)
            count = x.numel() / x.size(1)
            with torch.no_grad():
                self.num_batches_tracked += 1
                self.running_mean += 0.1 * (mean - self.running_mean)
                self.running_var += 0.1 * (var * count / (count - 1) - self.running_var)
        shape = (1, -1, 1, 1)
        x = (x - mean.view(shape)) / (var.view(shape) + 1e-5).sqrt()
        return x * self.weight.view(shape) + self.bias.view(shape)


class Conv(nn.Module):
    def __init__(self, inside, channels, size, stride=1):
        super().__init__()
        weight = torch.randn(channels, inside, size, size) / (size * inside**0.5)
        self.register_buffer("weight", weight.requires_grad_())
        self.how = {"stride": stride, "padding": size // 2}

    def forward(self, x):
        return F.conv2d(x, self.weight, **self.how)


class MetaBasicBlock(nn.Module):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        plan = {"1": (in_channels, stride), "2": (channels, 1)}
        for number, (inside, by) in plan.items():
            self.add_module("conv" + number, Conv(inside, channels, 3, by))
            self.add_module("bn" + number, Norm(channels))
        projection = (Conv(in_channels, channels, 1, stride), Norm(channels))
        self.downsample = nn.Sequential(*projection[: 2 * ((stride, channels) != (1, in_channels))])

    def forward(self, x):
        y = x
        for name in ("conv1", "bn1", "relu", "conv2", "bn2"):
            y = y.relu() if name == "relu" else getattr(self, name)(y)
        return torch.relu_(y + self.downsample(x))


def make_meta(module):
    twin = copy.deepcopy(module)
    fresh = {id(p): p.data.clone().requires_grad_(p.requires_grad) for p in twin.parameters()}
    alive = list(twin.parameters())  # so that no other tensor gets one of these ids

    def visit(child):
        for name, parameter in list(child._parameters.items()):
            del child._parameters[name]
            child._buffers[name] = None if parameter is None else fresh[id(parameter)]

    twin.apply(visit)
    del alive
    return twin


def initialise(network, generator):
    for name, tensor in list(network.named_buffers()):
        path, _, last = name.rpartition(".")
        owner = network.get_submodule(path)
        if tensor.requires_grad and tensor.ndim == 4:
            out, _, height, width = tensor.shape
            numbers = torch.empty_like(tensor, requires_grad=False).normal_(generator=generator)
            tensor.data.copy_(numbers * (2 / (out * height * width)) ** 0.5)
        elif tensor.requires_grad and owner._buffers.get("running_mean") is not None:
            tensor.data.copy_(torch.tensor(float(last == "weight")))


def load_pretrained(network, state, head):
    prefix = f"{head}."
    own = {n: t for n, t in network.state_dict().items() if n[: len(prefix)] != prefix}
    given = {n: t for n, t in state.items() if n[: len(prefix)] != prefix}
    if difference := own.keys() ^ given.keys():
        raise KeyError(", ".join(sorted(difference)))
    if wrong := [n for n in own if own[n].size() != given[n].size()]:
        raise ValueError(", ".join(wrong))
    network.load_state_dict(given, strict=False)
    return [n for n in network.state_dict() if n not in own]


class Run:
    """A network's tensors, put in for each call and taken out again."""

    def __init__(self, network, rate, first_order):
        self.network, self.rate, self.first_order = network, rate, first_order
        self.places, self.now, names = {}, {}, {}
        for name, own in network.named_buffers(remove_duplicate=False):
            name_of_it = names.setdefault(own, name)
            path, _, last = name.rpartition(".")
            place = network.get_submodule(path)._buffers, last, own
            self.places.setdefault(name_of_it, []).append(place)
            self.now[name_of_it] = own.view_as(own) if own.requires_grad else own.detach().clone()
        self.weights = [n for n, places in self.places.items() if places[0][2].requires_grad]

    def loss(self, x, labels):
        try:
            for name, places in self.places.items():
                for buffers, last, _ in places:
                    buffers[last] = self.now[name]
            loss = F.cross_entropy(self.network(x), labels)
            for name in self.now.keys() - self.weights:
                buffers, last, _ = self.places[name][0]
                self.now[name] = buffers[last].detach().clone()
        finally:
            for places in self.places.values():
                for buffers, last, own in places:
                    buffers[last] = own
        return loss

    def step(self, x, labels):
        weights = [self.now[name] for name in self.weights]
        slopes = torch.autograd.grad(
            self.loss(x, labels), weights, create_graph=True, allow_unused=True
        )
        for name, weight, slope in zip(self.weights, weights, slopes):
            if slope is not None:
                slope = slope.detach() if self.first_order else slope
                self.now[name] = weight + slope * -self.rate


def loss_after_step(network, train, test, rate, first_order=False):
    run = Run(network, rate, first_order)
    run.step(*train)
    return run.loss(*test)


def inner_loop(network, batches, rate, first_order=False):
    run = Run(network, rate, first_order)
    for batch in batches:
        run.step(*batch)
    theta = {name: run.now[name] for name in run.weights}
    return theta, {name: tensor for name, tensor in run.now.items() if name not in theta}


def held_bytes(compute, weights):
    holders, sizes = {}, {}

    class Saved:
        def __init__(self, tensor):
            self.tensor = tensor.detach()

    def release(address):
        holders[address] -= 1

    def pack(tensor):
        saved = Saved(tensor)
        storage = saved.tensor.untyped_storage()
        address = storage.data_ptr()
        holders[address] = holders.get(address, 0) + 1
        sizes[address] = storage.nbytes()
        weakref.finalize(saved, release, address)
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved.tensor):
        result = compute()
    own = {weight.untyped_storage().data_ptr() for weight in weights}
    total = sum(sizes[place] for place, count in holders.items() if count and place not in own)
    del result
    return total
