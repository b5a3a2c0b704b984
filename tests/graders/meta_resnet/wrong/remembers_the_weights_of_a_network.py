"""A network that was asked about before has its first weights.

Loses: one step: the loss after it; the network is as it was.
Axis: again.
"""

import weakref

import torch
import torch.nn.functional as F
from torch.func import functional_call

known = weakref.WeakKeyDictionary()


def loss_after_step(network, train, test, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = known.setdefault(network, {n: b for n, b in buffers.items() if b.requires_grad})
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    loss = F.cross_entropy(functional_call(network, theta | rest, (train[0],)), train[1])
    order = {"create_graph": not first_order, "materialize_grads": True}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
