"""The module that holds a tensor is looked for in front of the first place with its name.

Loses: one step: the loss after it; the network is as it was.
Loses: one step, second order: the graph leads through the gradient.
Loses: one step, first order: the gradient counts as a constant.
Axis: structure.
"""

import contextlib

import torch
import torch.nn.functional as F


@contextlib.contextmanager
def holding(network, tensors):
    found = []
    for name, tensor in tensors.items():
        last = name.split(".")[-1]
        owner = network.get_submodule(name.split(f".{last}")[0]) if "." in name else network
        found.append((owner, last, owner._buffers.get(last)))
        owner._buffers[last] = tensor
    yield
    for owner, last, tensor in found:
        owner._buffers[last] = tensor
        if tensor is None:
            del owner._buffers[last]


def loss_after_step(network, train, test, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    with holding(network, theta | rest):
        loss = F.cross_entropy(network(train[0]), train[1])
    order = {"create_graph": not first_order, "materialize_grads": True}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    with holding(network, theta | rest):
        return F.cross_entropy(network(test[0]), test[1])
