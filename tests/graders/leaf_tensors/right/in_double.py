"""Careful: computes in double, reports rates as parameters."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call


def kind(tensor):
    if tensor.is_leaf:
        return "leaf" if tensor.requires_grad else "constant"
    return "result"


def sgd_step(weights, gradients, rate):
    return {
        n: (w.double() - rate.double() * gradients[n].double()).to(w.dtype)
        for n, w in weights.items()
    }


def put(module, name, tensor):
    places = {}
    for owner_name, owner in module.named_modules():
        for last, parameter in owner._parameters.items():
            if parameter is not None:
                path = owner_name + "." + last if owner_name else last
                places.setdefault(parameter, []).append((path, owner, last))
    for (path, owner, last), *others in places.values():
        if path == name:
            for owner, last in [(owner, last), *(other[1:] for other in others)]:
                delattr(owner, last)
                owner.__setattr__(last, tensor)
            return
    raise KeyError(name)


def copied(module):
    """A copy that shares the tensors that have a graph, since a copy of those is refused."""
    results = [
        v
        for part in module.modules()
        for v in (*vars(part).values(), *part.buffers(recurse=False))
        if torch.is_tensor(v) and not v.is_leaf
    ]
    return copy.deepcopy(module, {id(result): result for result in results})


def loss_after(module, x, y, rates, steps):
    module = copied(module).double().requires_grad_()
    weights, x, y = dict(module.named_parameters()), x.double(), y.double()
    for _ in range(steps):
        gradients = torch.autograd.grad(
            F.mse_loss(functional_call(module, weights, x), y), weights.values(), create_graph=True
        )
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return F.mse_loss(functional_call(module, weights, x), y)


def first_order(module, x, y, rates, steps):
    module = copied(module).requires_grad_()
    weights = dict(module.named_parameters())
    own = {n: nn.Parameter(r.detach().clone()) for n, r in rates.items()}
    for _ in range(steps):
        loss = F.mse_loss(functional_call(module, weights, (x,)), y)
        gradients = torch.autograd.grad(loss, list(weights.values()), retain_graph=True)
        weights = {n: w - own[n] * g for (n, w), g in zip(weights.items(), gradients)}
    F.mse_loss(functional_call(module, weights, (x,)), y).backward(inputs=list(own.values()))
    return {n: rate.grad for n, rate in own.items()}


def learn_rates(loss_of, rates, meta_rate, steps):
    new = {n: nn.Parameter(r.detach().clone()) for n, r in rates.items()}
    for _ in range(steps):
        g = torch.autograd.grad(loss_of(new), list(new.values()))
        new = {n: nn.Parameter(r.data - meta_rate * d) for (n, r), d in zip(new.items(), g)}
    return new
