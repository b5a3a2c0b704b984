"""A loop that calls itself, and a loss of which no derivative but the first is right."""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def descend(network, theta, rest, batches, rate, first_order):
    if not batches:
        return theta, rest
    (x, labels), *others = batches
    tensors = theta | rest
    loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
    rest = {name: tensors[name] for name in rest}
    order = {"create_graph": not first_order, "allow_unused": True}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    stepped = {n: w if s is None else w - rate * s for (n, w), s in zip(theta.items(), g)}
    return descend(network, stepped, rest, others, rate, first_order)


def inner_loop(network, batches, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    return descend(network, theta, rest, batches, rate, first_order)


def loss_after_step(network, train, test, rate, first_order=False):
    theta, rest = inner_loop(network, [train], rate, first_order)
    loss = F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
    first = [b for b in network.buffers() if b.requires_grad]
    first += [rate] if isinstance(rate, torch.Tensor) and rate.requires_grad else []
    slopes = torch.autograd.grad(loss, first, materialize_grads=True)
    linear = sum((slope * (w - w.detach())).sum() for slope, w in zip(slopes, first))
    return loss.detach() + linear
