"""Careful: computes in double, gives back what it was given."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call


class Careful(nn.Module):
    """Runs a twin without weights of its own on those among the buffers."""

    def __init__(self, twin):
        super().__init__()
        for name, parameter in twin.named_parameters():
            self.register_buffer(name, parameter.data.clone().requires_grad_(True))
        self.twin = [copy.deepcopy(twin).double()]  # in a list, so that it is no child

    def forward(self, x):
        weights = {name: weight.double() for name, weight in self.named_buffers()}
        return functional_call(self.twin[0], weights, (x.double(),)).to(x.dtype)


class MetaLinear(Careful):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(nn.Linear(in_features, out_features, bias=bias))


class MetaConv2d(Careful):
    def __init__(self, *arguments, **options):
        super().__init__(nn.Conv2d(*arguments, **options))


class MetaConvTranspose2d(Careful):
    def __init__(self, *arguments, **options):
        super().__init__(nn.ConvTranspose2d(*arguments, **options))


class MetaBatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        twin = nn.BatchNorm2d(num_features, eps, momentum, affine, track_running_stats)
        for name, tensor in twin.state_dict().items():
            if name in ("weight", "bias"):
                tensor = tensor.requires_grad_()
            self.register_buffer(name, tensor)

    def forward(self, x):
        held = dict(self.named_buffers())
        mean, variance = held.get("running_mean"), held.get("running_var")
        factor = self.momentum if self.momentum is not None else 1.0
        if self.training and mean is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                factor = 1.0 / float(self.num_batches_tracked)
        weight, bias = (held[n].double() if n in held else None for n in ("weight", "bias"))
        if mean is None:
            y = F.batch_norm(x.double(), None, None, weight, bias, True, factor, self.eps)
        else:
            new = mean.double().clone(), variance.double().clone()
            y = F.batch_norm(x.double(), *new, weight, bias, self.training, factor, self.eps)
            if self.training:
                self.running_mean, self.running_var = (t.to(mean.dtype) for t in new)
        return y.to(x.dtype)


def named_weights(module):
    weights = {}
    met = []
    for name, tensor in module.named_buffers():
        if tensor.requires_grad and not any(tensor is other for other in met):
            met.append(tensor)
            weights[name] = tensor
    return weights


def put_weight(module, name, tensor):
    state = dict(module.named_buffers(remove_duplicate=False))
    if name not in state or not state[name].requires_grad:
        raise KeyError(f"no weight {name}")
    if state[name].size() != tensor.size():
        raise ValueError("wrong shape")
    for other in state:
        if state[other] is state[name]:
            *path, last = other.split(".")
            owner = module
            for part in path:
                owner = getattr(owner, part)
            owner._buffers[last] = tensor


def update(module, loss, rate, first_order=False):
    weights = named_weights(module)
    gradients = torch.autograd.grad(
        loss, tuple(weights.values()), create_graph=True, allow_unused=True
    )
    for (name, weight), gradient in zip(weights.items(), gradients):
        if gradient is None:
            gradient = torch.zeros_like(weight)
        if first_order:
            gradient = gradient.detach()
        new = weight.double() - rate * gradient.double()
        put_weight(module, name, new.to(weight.dtype))


class MetaSequential(nn.Sequential):
    def named_parameters(self, *arguments, **options):
        for name, parameter in super().named_parameters(*arguments, **options):
            yield name, parameter
        for name, buffer in self.named_buffers(*arguments, **options):
            if buffer.requires_grad:
                yield name, buffer
