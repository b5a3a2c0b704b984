"""One mixin for all layers; the functions build on each other."""

import torch
from torch import nn


class Buffered:
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        statistics = dict(self._buffers)
        self._buffers.clear()
        for name in list(self._parameters):
            parameter = self._parameters.pop(name)
            weight = None if parameter is None else parameter.detach().clone().requires_grad_()
            self.register_buffer(name, weight)
        self._buffers.update(statistics)


class MetaLinear(Buffered, nn.Linear):
    pass


class MetaConv2d(Buffered, nn.Conv2d):
    pass


class MetaConvTranspose2d(Buffered, nn.ConvTranspose2d):
    pass


class MetaBatchNorm2d(Buffered, nn.BatchNorm2d):
    pass


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
    if old is None or not old.requires_grad:
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
        loss, list(weights.values()), create_graph=not first_order, allow_unused=True
    )
    for name, gradient in zip(weights, gradients):
        if gradient is not None:
            put_weight(module, name, weights[name] - rate * gradient)


class MetaSequential(nn.Sequential):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from super().named_parameters(prefix, recurse, remove_duplicate)
        for name, buffer in self.named_buffers(prefix, recurse, remove_duplicate):
            if buffer.requires_grad:
                yield name, buffer
