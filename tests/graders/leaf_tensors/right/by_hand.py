"""Loops and buffers, without functional_call."""

import copy

import torch
import torch.nn.functional as F


def kind(tensor):
    if tensor.grad_fn is not None:
        return "result"
    elif tensor.requires_grad:
        return "leaf"
    else:
        return "constant"


def sgd_step(weights, gradients, rate):
    new = {}
    for name in weights:
        step = rate * gradients[name]
        new[name] = weights[name].clone() - step
    return new


def put(module, name, tensor):
    names = [n for n, p in module.named_parameters()]
    if name not in names:
        raise KeyError(f"{name} is not one of {names}")
    old = module.get_parameter(name)
    for place, p in list(module.named_parameters(remove_duplicate=False)):
        if p is old:
            *parts, last = place.split(".")
            owner = module
            for part in parts:
                owner = getattr(owner, part)
            if last in owner._parameters:  # not yet done under another name of this layer
                del owner._parameters[last]
                owner.register_buffer(last, tensor)


def copied(module):
    """A copy that shares what it holds besides parameters and buffers; a result has no copy."""
    held = [v for part in module.modules() for v in vars(part).values() if torch.is_tensor(v)]
    held += [buffer for buffer in module.buffers() if buffer.grad_fn is not None]
    return copy.deepcopy(module, {id(tensor): tensor for tensor in held})


def loss_after(module, x, y, rates, steps):
    names = [n for n, p in module.named_parameters()]
    now = [p.detach().clone().requires_grad_() for n, p in module.named_parameters()]
    for step in range(steps + 1):
        network = copied(module)
        for name, tensor in zip(names, now):
            put(network, name, tensor)
        loss = ((network(x) - y) ** 2).mean()
        if step < steps:
            gradients = torch.autograd.grad(loss, now, create_graph=True)
            now = [t - rates[n] * g for n, t, g in zip(names, now, gradients)]
    return loss


def backward(network, x, y):
    F.mse_loss(network(x), y).backward(inputs=list(network.parameters()))


def first_order(module, x, y, rates, steps):
    network = copied(module).requires_grad_()
    total = {}
    for step in range(steps):
        network.zero_grad()
        backward(network, x, y)
        for name, p in network.named_parameters():
            total[name] = total.get(name, 0) + p.grad.clone()
            p.data = p.data - rates[name].item() * p.grad
    network.zero_grad()
    backward(network, x, y)
    return {n: -torch.sum(p.grad * total[n]) for n, p in network.named_parameters()}


def learn_rates(loss_of, rates, meta_rate, steps):
    current = {}
    for name in rates:
        current[name] = torch.tensor(
            rates[name].item(), dtype=rates[name].dtype, requires_grad=True
        )
    for _ in range(steps):
        loss = loss_of(current)
        loss.backward(inputs=list(current.values()))
        new = {}
        for name in current:
            value = current[name].item() - meta_rate * current[name].grad.item()
            new[name] = torch.tensor(value, dtype=current[name].dtype, requires_grad=True)
        current = new
    return current
