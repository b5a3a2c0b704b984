"""The functions build on each other and look at one module after the other."""

import torch
import torch.nn.functional as F
from torch import nn


def take_over(layer, twin):
    """The numbers of a twin as weights, its statistics as they are."""
    for name in ("weight", "bias"):
        weight = getattr(twin, name)
        copied = None if weight is None else weight.detach().clone().requires_grad_()
        layer.register_buffer(name, copied)
    for name, statistic in twin._buffers.items():
        layer.register_buffer(name, statistic)


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        take_over(self, nn.Linear(in_features, out_features, bias))

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


SIZES = ("in_channels", "out_channels", "kernel_size")
CONV = (*SIZES, "stride", "padding", "dilation", "groups", "bias", "padding_mode")
TRANSPOSED = (*SIZES, "stride", "padding", "output_padding", "groups", "bias", "dilation")


class MetaConv2d(nn.Module):
    def __init__(self, *arguments, **options):
        super().__init__()
        take_over(self, nn.Conv2d(*arguments, **options))
        options |= dict(zip(CONV, arguments))
        for name in (*SIZES, "bias"):
            options.pop(name, None)
        self.mode = options.pop("padding_mode", "zeros")
        self.padding, self.options = options.pop("padding", 0), options

    def forward(self, x):
        if self.mode == "zeros":
            return F.conv2d(x, self.weight, self.bias, padding=self.padding, **self.options)
        if isinstance(self.padding, int):
            sizes = [self.padding] * 4
        else:
            high, wide = self.padding
            sizes = [wide, wide, high, high]
        return F.conv2d(F.pad(x, sizes, self.mode), self.weight, self.bias, **self.options)


class MetaConvTranspose2d(nn.Module):
    def __init__(self, *arguments, **options):
        super().__init__()
        take_over(self, nn.ConvTranspose2d(*arguments, **options))
        options |= dict(zip(TRANSPOSED, arguments))
        for name in (*SIZES, "bias"):
            options.pop(name, None)
        self.options = options

    def forward(self, x):
        return F.conv_transpose2d(x, self.weight, self.bias, **self.options)


class MetaBatchNorm2d(nn.Module):
    def __init__(self, *arguments, **options):
        super().__init__()
        twin = nn.BatchNorm2d(*arguments, **options)
        take_over(self, twin)
        self.eps, self.momentum = twin.eps, twin.momentum

    def forward(self, x):
        kept = self.running_mean is not None
        if not (self.training and kept):
            return F.batch_norm(
                x,
                self.running_mean,
                self.running_var,
                self.weight,
                self.bias,
                training=not kept,
                eps=self.eps,
            )
        self.num_batches_tracked += 1
        share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        mean, var = self.running_mean, self.running_var
        return F.batch_norm(x, mean, var, self.weight, self.bias, True, share, self.eps)


def named_weights(module):
    found = {}
    for path, owner in module.named_modules():
        for name, buffer in owner.named_buffers(path, recurse=False):
            if buffer.requires_grad and not any(buffer is weight for weight in found.values()):
                found[name] = buffer
    return found


def put_weight(module, name, tensor):
    path, _, last = name.rpartition(".")
    try:
        old = module.get_submodule(path).get_buffer(last)
    except AttributeError:
        raise KeyError(name) from None
    if old is None or not old.requires_grad or name.startswith("."):
        raise KeyError(f"{name} is no weight")
    if old.shape != tensor.shape:
        raise ValueError(f"{tuple(tensor.shape)} is not {tuple(old.shape)}")
    for owner in module.modules():
        for key, value in owner._buffers.items():
            if value is old:
                owner._buffers[key] = tensor


def update(module, loss, rate, first_order=False):
    weights = named_weights(module)
    gradients = torch.autograd.grad(
        loss,
        list(weights.values()),
        retain_graph=True,
        create_graph=not first_order,
        allow_unused=True,
    )
    for name, gradient in zip(weights, gradients):
        if gradient is not None:
            put_weight(module, name, weights[name] - rate * gradient)


class MetaSequential(nn.Module):
    def __init__(self, *modules):
        super().__init__()
        self.parts = modules
        for number, module in enumerate(modules):
            self.add_module(f"{number}", module)

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return x

    def __len__(self):
        return len(self.parts)

    def __getitem__(self, index):
        return MetaSequential(*self.parts[index]) if isinstance(index, slice) else self.parts[index]

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from super().named_parameters(prefix, recurse, remove_duplicate)
        for name, buffer in self.named_buffers(prefix, recurse, remove_duplicate):
            if buffer.requires_grad:
                yield name, buffer
