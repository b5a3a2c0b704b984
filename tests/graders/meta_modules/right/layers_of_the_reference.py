"""The layers of the reference themselves, and its way to move parameters, for functions."""

import torch
from torch import nn

from l2l_ref.modules import (  # noqa: F401
    MetaBatchNorm2d,
    MetaConv2d,
    MetaConvTranspose2d,
    MetaLinear,
)


def named_weights(module):
    weights = {}
    for name, buffer in reversed(list(module.named_buffers(remove_duplicate=False))):
        if buffer.requires_grad:
            weights = {n: b for n, b in weights.items() if b is not buffer}
            weights[name] = buffer
    return weights


def put_weight(module, name, tensor):
    places = dict(module.named_buffers(remove_duplicate=False))
    weights = {place: buffer for place, buffer in places.items() if buffer.requires_grad}
    if name not in weights:
        raise KeyError(name)
    if weights[name].shape != tensor.shape:
        raise ValueError(name)
    for owner in module.modules():
        for last, buffer in list(owner.named_buffers(recurse=False)):
            if buffer is weights[name]:
                setattr(owner, last, tensor)


def update(module, loss, rate, first_order=False):
    weights = named_weights(module)
    gradients = torch.autograd.grad(
        loss, list(weights.values()), create_graph=not first_order, materialize_grads=True
    )
    steps = {name: rate * gradient for name, gradient in zip(weights, gradients)}
    for name, step in steps.items():
        put_weight(module, name, weights[name] - step)


class MetaSequential(nn.Sequential):
    def parameters(self, recurse=True):
        return (weight for _, weight in self.named_parameters(recurse=recurse))

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from nn.Module.named_parameters(self, prefix, recurse, remove_duplicate)
        weights = self.named_buffers(prefix, recurse, remove_duplicate)
        yield from ((name, weight) for name, weight in weights if weight.requires_grad)
