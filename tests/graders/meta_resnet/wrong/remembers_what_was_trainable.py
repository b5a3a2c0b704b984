"""A weight that is frozen, or no longer so, when its network comes again is taken as before.

Loses: inner loop: the weights at the end, and their graph.
Loses: one step: the loss after it; the network is as it was.
Axis: again.
"""

import weakref

import torch
import torch.nn.functional as F
from torch.func import functional_call

names_of = weakref.WeakKeyDictionary()


def split(network):
    buffers = dict(network.named_buffers())
    names = names_of.setdefault(network, [n for n, b in buffers.items() if b.requires_grad])
    theta = {name: buffers[name].clone().requires_grad_() for name in names}
    theta |= {name: buffers[name] for name in names if buffers[name].requires_grad}
    return theta, {name: b.detach().clone() for name, b in buffers.items() if name not in names}


def inner_loop(network, batches, rate, first_order=False):
    theta, rest = split(network)
    order = {"create_graph": not first_order, "materialize_grads": True}
    for x, labels in batches:
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}
        g = torch.autograd.grad(loss, list(theta.values()), **order)
        theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return theta, rest


def loss_after_step(network, train, test, rate, first_order=False):
    theta, rest = inner_loop(network, [train], rate, first_order)
    return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
