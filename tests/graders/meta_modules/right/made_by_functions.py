"""Functions that make layers, and short answers for the rest."""

import torch
from torch import nn


def buffered(layer):
    statistics = {n: layer._buffers.pop(n) for n in list(layer._buffers)}
    for name, parameter in list(layer._parameters.items()):
        delattr(layer, name)
        layer.register_buffer(name, None)
        if parameter is not None:
            setattr(layer, name, parameter.data.requires_grad_())
    layer._buffers.update(statistics)
    return layer


def MetaLinear(*arguments, **options):
    return buffered(nn.Linear(*arguments, **options))


def MetaConv2d(*arguments, **options):
    return buffered(nn.Conv2d(*arguments, **options))


def MetaConvTranspose2d(*arguments, **options):
    return buffered(nn.ConvTranspose2d(*arguments, **options))


def MetaBatchNorm2d(*arguments, **options):
    return buffered(nn.BatchNorm2d(*arguments, **options))


def named_weights(module):
    return dict(filter(lambda pair: pair[1].requires_grad, module.named_buffers()))


def put_weight(module, name, tensor):
    weights = [(n, b) for n, b in module.named_buffers(remove_duplicate=False) if b.requires_grad]
    old = dict(weights)[name]
    if tensor.shape != old.shape:
        raise ValueError(tensor.shape)
    for n, b in weights:
        if b is old:
            setattr(module.get_submodule(n[: max(n.rfind("."), 0)]), n[n.rfind(".") + 1 :], tensor)


def update(module, loss, rate, first_order=False):
    weights = [b for b in module.buffers() if b.requires_grad]
    grads = torch.autograd.grad(loss, weights, create_graph=not first_order, allow_unused=True)
    new = {id(w): w if g is None else w.sub(rate * g) for w, g in zip(weights, grads)}
    for owner in module.modules():
        owner._buffers.update({n: new.get(id(b), b) for n, b in owner._buffers.items()})


class MetaSequential(nn.ModuleList):
    def __init__(self, *modules):
        super().__init__(modules[0] if modules and isinstance(modules[0], list) else modules)

    def forward(self, x):
        for module in self:
            x = module(x)
        return x

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        every = {}
        for named in (super().named_parameters, self.named_buffers):
            every.update(named(prefix, recurse, remove_duplicate))
        return iter([(name, tensor) for name, tensor in every.items() if tensor.requires_grad])
