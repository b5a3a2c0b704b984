"""A network that was asked about before has its first weights.

Loses: inner loop: the weights at the end, and their graph.
Axis: again.
"""

import weakref

import torch
import torch.nn.functional as F
from torch.func import functional_call

known = weakref.WeakKeyDictionary()


def inner_loop(network, batches, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = known.setdefault(network, {n: b for n, b in buffers.items() if b.requires_grad})
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    order = {"create_graph": not first_order, "materialize_grads": True}
    for x, labels in batches:
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}
        g = torch.autograd.grad(loss, list(theta.values()), **order)
        theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return theta, rest
