"""Formulas written out, loops, recursion; nothing of a twin but its first numbers."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def uniform(shape, bound):
    t = torch.empty(shape)
    t.uniform_(-bound, bound)
    t.requires_grad = True
    return t


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.register_buffer("weight", uniform((out_features, in_features), bound))
        if bias:
            self.register_buffer("bias", uniform((out_features,), bound))

    def forward(self, x):
        y = x @ self.weight.transpose(0, 1)
        if hasattr(self, "bias"):
            y = y + self.bias
        return y


class MetaConv2d(nn.Module):
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
    ):
        super().__init__()
        shape = (out_channels, in_channels // groups, *pair(kernel_size))
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        self.register_buffer("weight", uniform(shape, bound))
        self.register_buffer("bias", uniform((out_channels,), bound) if bias else None)
        self.stride, self.padding, self.dilation = map(pair, (stride, padding, dilation))
        self.groups, self.mode = groups, padding_mode.replace("zeros", "constant")

    def forward(self, x):
        if x.dim() == 3:
            return self(x[None])[0]
        x = F.pad(x, [p for p in reversed(self.padding) for _ in "ab"], self.mode)
        height, width = x.shape[2:]
        kernel = self.weight.shape[2:]
        size = [
            (n - d * (k - 1) - 1) // s + 1
            for n, d, k, s in zip((height, width), self.dilation, kernel, self.stride)
        ]
        parts = []
        columns = F.unfold(x, kernel, dilation=self.dilation, stride=self.stride)
        for rows, weight in zip(columns.chunk(self.groups, 1), self.weight.chunk(self.groups)):
            parts.append(weight.flatten(1) @ rows)
        y = torch.cat(parts, 1).unflatten(2, size)
        return y if self.bias is None else y + self.bias.view(1, -1, 1, 1)


class MetaConvTranspose2d(nn.Module):
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
    ):
        super().__init__()
        shape = (in_channels, out_channels // groups, *pair(kernel_size))
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        self.register_buffer("weight", uniform(shape, bound))
        self.register_buffer("bias", uniform((out_channels,), bound) if bias else None)
        self.options = list(map(pair, (stride, padding, output_padding, dilation)))
        self.groups = groups

    def forward(self, x):
        if x.dim() == 3:
            return self(x[None])[0]
        (sh, sw), (ph, pw), (oh, ow), (dh, dw) = self.options
        n, _, h, w = x.shape
        kh, kw = self.weight.shape[2:]
        size = ((h - 1) * sh + dh * (kh - 1) + 1 + oh, (w - 1) * sw + dw * (kw - 1) + 1 + ow)
        parts = []
        for part, weight in zip(x.chunk(self.groups, 1), self.weight.chunk(self.groups)):
            y = x.new_zeros(n, weight.shape[1], *size)
            for i in range(kh):
                for j in range(kw):
                    add = torch.einsum("nchw,cd->ndhw", part, weight[:, :, i, j])
                    spread = x.new_zeros(n, weight.shape[1], *size)
                    spread[:, :, i * dh : i * dh + h * sh : sh, j * dw : j * dw + w * sw : sw] = add
                    y = y + spread
            parts.append(y)
        y = torch.cat(parts, 1)[:, :, ph : size[0] - ph, pw : size[1] - pw]
        return y if self.bias is None else y + self.bias.view(1, -1, 1, 1)


class MetaBatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        if affine:
            self.register_buffer("weight", torch.ones(num_features, requires_grad=True))
            self.register_buffer("bias", torch.zeros(num_features, requires_grad=True))
        if track_running_stats:
            self.register_buffer("running_mean", torch.zeros(num_features))
            self.register_buffer("running_var", torch.ones(num_features))
            self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if self.training or not self.track_running_stats:
            n = x.numel() / x.shape[1]
            mean = x.sum((0, 2, 3)) / n
            variance = (x - self.spread(mean)).square().sum((0, 2, 3)) / n
            if self.training and self.track_running_stats:
                self.move(mean.detach(), variance.detach() * n / (n - 1))
        else:
            mean, variance = self.running_mean, self.running_var
        x = (x - self.spread(mean)) / torch.sqrt(self.spread(variance) + self.eps)
        if self.affine:
            x = self.spread(self.weight) * x + self.spread(self.bias)
        return x

    def spread(self, tensor):
        return tensor.view(1, -1, 1, 1)

    def move(self, mean, variance):
        self.num_batches_tracked = self.num_batches_tracked + 1
        m = self.momentum
        if m is None:
            m = 1 / self.num_batches_tracked
        self.running_mean = (1 - m) * self.running_mean + m * mean
        self.running_var = (1 - m) * self.running_var + m * variance


def walk(module, path, seen, found):
    for name, buffer in module._buffers.items():
        if buffer is not None and buffer.requires_grad and id(buffer) not in seen:
            seen.add(id(buffer))
            found[path + name] = buffer
    for name, child in module._modules.items():
        walk(child, path + name + ".", seen, found)


def named_weights(module):
    found = {}
    walk(module, "", set(), found)
    return found


def find(module, names):
    for name in names[:-1]:
        if name not in module._modules:
            raise KeyError(name)
        module = module._modules[name]
    buffer = module._buffers[names[-1]]
    if buffer is None or not buffer.requires_grad:
        raise KeyError(names[-1])
    return buffer


def replace(module, old, new):
    for name, buffer in module._buffers.items():
        if buffer is old:
            module._buffers[name] = new
    for child in module._modules.values():
        replace(child, old, new)


def put_weight(module, name, tensor):
    old = find(module, name.split("."))
    if list(tensor.shape) != list(old.shape):
        raise ValueError(f"the shape should be {list(old.shape)}")
    replace(module, old, tensor)


def update(module, loss, rate, first_order=False):
    new = []
    for weight in named_weights(module).values():
        (gradient,) = torch.autograd.grad(
            loss, weight, retain_graph=True, create_graph=not first_order, allow_unused=True
        )
        if gradient is not None:
            new.append((weight, weight - rate * gradient))
    for weight, tensor in new:
        replace(module, weight, tensor)


class MetaSequential(nn.Module):
    def __init__(self, *modules):
        super().__init__()
        for number in range(len(modules)):
            setattr(self, str(number), modules[number])

    def forward(self, x):
        for module in self:
            x = module(x)
        return x

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        for number in range(len(self)):
            yield getattr(self, str(number))

    def __getitem__(self, index):
        if isinstance(index, slice):
            return MetaSequential(*list(self)[index])
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return getattr(self, str(index))

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        seen = set()
        owners = [(prefix, self)]
        if recurse:
            owners = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, owner in owners:
            weights = [(n, b) for n, b in owner._buffers.items() if b is not None]
            weights = [(n, b) for n, b in weights if b.requires_grad]
            for name, tensor in [*owner._parameters.items(), *weights]:
                if tensor is None or tensor in seen:
                    continue
                if remove_duplicate:
                    seen.add(tensor)
                yield (f"{path}.{name}" if path else name), tensor
