"""All places are named, and a constant in two of them gets two clones, which torch refuses.

Loses: one step: the loss after it; the network is as it was.
Loses: inner loop: the weights at the end, and their graph.
Axis: ties.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def everything(network):
    """Weights by their first name, all names of each, and a clone for every name of a constant."""
    buffers = dict(network.named_buffers(remove_duplicate=False))
    theta = {name: b for name, b in network.named_buffers() if b.requires_grad}
    names = {name: [n for n in buffers if buffers[n] is w] for name, w in theta.items()}
    return theta, names, {n: b.clone() for n, b in buffers.items() if not b.requires_grad}


def called(network, theta, names, rest, x, labels):
    """The loss, and what the call left of the rest."""
    tensors = {place: theta[name] for name in theta for place in names[name]} | rest
    loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
    return loss, {name: tensors[name] for name in rest}


def stepped(loss, theta, rate, first_order):
    order = {"create_graph": not first_order, "materialize_grads": True}
    slopes = torch.autograd.grad(loss, list(theta.values()), **order)
    return {name: w - rate * g for (name, w), g in zip(theta.items(), slopes, strict=True)}


def loss_after_step(network, train, test, rate, first_order=False):
    theta, names, rest = everything(network)
    loss, rest = called(network, theta, names, rest, *train)
    theta = stepped(loss, theta, rate, first_order)
    return called(network, theta, names, rest, *test)[0]


def inner_loop(network, batches, rate, first_order=False):
    theta, names, rest = everything(network)
    for x, labels in batches:
        loss, rest = called(network, theta, names, rest, x, labels)
        theta = stepped(loss, theta, rate, first_order)
    return theta, rest
