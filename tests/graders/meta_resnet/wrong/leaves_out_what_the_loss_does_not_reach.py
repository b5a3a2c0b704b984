"""A weight that is not used is missing at the end.

Loses: inner loop: the weights at the end, and their graph.
Axis: structure.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def inner_loop(network, batches, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    order = {"create_graph": not first_order, "allow_unused": True}
    for x, labels in batches:
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}
        g = torch.autograd.grad(loss, list(theta.values()), **order)
        theta = {
            name: w - rate * slope
            for (name, w), slope in zip(theta.items(), g)
            if slope is not None
        }
    return theta, rest
