"""Layers that lend their tensors to a twin; functions that gather tensors from the back."""

import torch
from torch import nn
from torch.func import functional_call


class Lending(nn.Module):
    """Computes with a twin that is hidden in a tuple, and with tensors of its own."""

    def __init__(self, *arguments, **options):
        super().__init__()
        twin = self.twin(*arguments, **options)
        self.hidden = (twin,)
        for name, parameter in twin.named_parameters():
            self.register_buffer(name, parameter.detach().clone().requires_grad_())
        for name, buffer in twin.named_buffers():
            self.register_buffer(name, buffer.clone())

    def forward(self, x):
        (twin,) = self.hidden
        return functional_call(twin.train(self.training), dict(self.named_buffers()), x)


class MetaLinear(Lending):
    twin = nn.Linear


class MetaConv2d(Lending):
    twin = nn.Conv2d


class MetaConvTranspose2d(Lending):
    twin = nn.ConvTranspose2d


class MetaBatchNorm2d(Lending):
    twin = nn.BatchNorm2d


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
        owner._buffers |= {n: tensor for n, b in owner._buffers.items() if b is weights[name]}


def update(module, loss, rate, first_order=False):
    weights = named_weights(module)
    gradients = torch.autograd.grad(
        loss,
        list(weights.values()),
        retain_graph=True,
        create_graph=not first_order,
        materialize_grads=True,
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
