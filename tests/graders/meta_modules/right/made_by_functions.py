"""Functions that make layers, and short answers for the rest."""

import torch
from torch import nn


class Layer(nn.Module):
    """The weights and statistics of a twin, and a function that computes with them."""

    def __init__(self, twin, function):
        super().__init__()
        self.function = function
        for name, parameter in twin._parameters.items():
            self.register_buffer(name, self.own(parameter))
        self._buffers.update(twin._buffers)

    @staticmethod
    def own(parameter):
        return None if parameter is None else parameter.data.clone().requires_grad_()

    def forward(self, x):
        return self.function(self, x)


def MetaLinear(*arguments, **options):
    twin = nn.Linear(*arguments, **options)
    return Layer(twin, lambda own, x: torch.nn.functional.linear(x, own.weight, own.bias))


def MetaConv2d(*arguments, **options):
    twin = nn.Conv2d(*arguments, **options)
    return Layer(twin, lambda own, x: twin._conv_forward(x, own.weight, own.bias))


def MetaConvTranspose2d(*arguments, **options):
    twin = nn.ConvTranspose2d(*arguments, **options)
    rest = (twin.stride, twin.padding, twin.output_padding, twin.groups, twin.dilation)
    return Layer(twin, lambda own, x: torch.conv_transpose2d(x, own.weight, own.bias, *rest))


def MetaBatchNorm2d(*arguments, **options):
    twin = nn.BatchNorm2d(*arguments, **options)
    return Layer(twin, lambda own, x: normalised(own, x, twin.eps, twin.momentum))


def normalised(own, x, eps, momentum):
    mean, var = own.running_mean, own.running_var
    moves = own.training and mean is not None
    if moves:
        own.num_batches_tracked += 1
        momentum = 1 / own.num_batches_tracked if momentum is None else momentum
    batch = own.training or mean is None
    return torch.nn.functional.batch_norm(
        x, mean, var, own.weight, own.bias, batch, momentum if moves else 0.0, eps
    )


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
    grads = torch.autograd.grad(
        loss, weights, retain_graph=True, create_graph=not first_order, allow_unused=True
    )
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
        arguments = prefix, recurse, remove_duplicate
        every.update(super().named_parameters(*arguments))
        every.update((n, b) for n, b in self.named_buffers(*arguments) if b.requires_grad)
        return iter(every.items())
