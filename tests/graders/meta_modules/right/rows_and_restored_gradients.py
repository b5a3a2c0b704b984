"""Rows and lerp for batch norm; dictionaries of buffers; .grad used, and put back as it was."""

import functools
import warnings

import torch
from torch import nn


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        twin = nn.Linear(in_features, out_features, bias)
        for name, parameter in twin.named_parameters():
            self.register_buffer(name, parameter.data.requires_grad_())

    def forward(self, x):
        y = torch.tensordot(x, self.weight, dims=([-1], [1]))
        return y if "bias" not in self._buffers else y.add(self.bias)


class MetaBatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        twin = nn.BatchNorm2d(num_features, eps, momentum, affine, track_running_stats)
        for name in ("weight", "bias"):
            weight = getattr(twin, name)
            self.register_buffer(name, None if weight is None else weight.data.requires_grad_())
        for name, statistic in twin._buffers.items():
            self.register_buffer(name, statistic)
        self.eps, self.momentum = eps, momentum

    def forward(self, x):
        rows = x.transpose(0, 1).flatten(1)
        if self.training or self.running_mean is None:
            mean = rows.mean(1, keepdim=True)
            rows = rows - mean
            var = rows.square().mean(1, keepdim=True)
            if self.training and self.running_mean is not None:
                self.move(mean.detach()[:, 0], rows.detach().square().sum(1) / (rows.shape[1] - 1))
        else:
            rows, var = rows - self.running_mean[:, None], self.running_var[:, None]
        y = rows * (var + self.eps).rsqrt()
        if self.weight is not None:
            y = torch.addcmul(self.bias[:, None], y, self.weight[:, None])
        return y.unflatten(1, (x.shape[0], *x.shape[2:])).transpose(0, 1)

    @torch.no_grad()
    def move(self, mean, var):
        self.num_batches_tracked += 1
        m = self.momentum
        m = 1 / self.num_batches_tracked.item() if m is None else m
        self.running_mean = self.running_mean.lerp(mean, m)
        self.running_var = self.running_var.lerp(var, m)


def places(module, path=""):
    """Dotted names, and the dictionaries and keys that hold the weights."""
    for key, buffer in module._buffers.items():
        if buffer is not None and buffer.requires_grad:
            yield path + key, module._buffers, key
    for key, child in module._modules.items():
        yield from places(child, f"{path}{key}.")


def named_weights(module):
    found = {}
    for name, holder, key in places(module):
        if id(holder[key]) not in map(id, found.values()):
            found[name] = holder[key]
    return found


def put_weight(module, name, tensor):
    held = {name: (holder, key) for name, holder, key in places(module)}
    holder, key = held[name]
    old = holder[key]
    if tuple(old.shape) != tuple(tensor.shape):
        raise ValueError(name)
    for holder, key in held.values():
        if holder[key] is old:
            holder[key] = tensor


def update(module, loss, rate, first_order=False):
    weights = named_weights(module)
    leaves = [weight for weight in weights.values() if weight.is_leaf]
    before = [leaf.grad for leaf in leaves]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # .grad of what is no leaf
        for weight in weights.values():
            weight.grad = None
        inputs = list(weights.values())
        loss.backward(inputs=inputs, create_graph=True)
        gradients = [weight.grad for weight in inputs]
        for weight in inputs:
            weight.grad = None
    for leaf, gradient in zip(leaves, before):
        leaf.grad = gradient
    for name, gradient in zip(weights, gradients):
        if gradient is not None:
            step = rate * (gradient.detach() if first_order else gradient)
            put_weight(module, name, torch.sub(weights[name], step))


class MetaSequential(nn.ModuleList):
    def __init__(self, *modules):
        super().__init__(modules)

    def forward(self, x):
        return functools.reduce(lambda value, module: module(value), self, x)

    def __getitem__(self, index):
        children = tuple(self._modules.values())
        return MetaSequential(*children[index]) if isinstance(index, slice) else children[index]

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        weights = self.named_buffers(prefix, recurse, remove_duplicate)
        yield from ((name, weight) for name, weight in weights if weight.requires_grad)
        yield from super().named_parameters(prefix, recurse, remove_duplicate)
