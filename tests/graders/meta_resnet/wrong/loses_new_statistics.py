"""Only what a layer writes into its statistics is carried along.

Loses: inner loop: the statistics go along, and are the run's own.
Axis: structure.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def inner_loop(network, batches, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    order = {"create_graph": not first_order, "materialize_grads": True}
    for x, labels in batches:
        loss = F.cross_entropy(functional_call(network, theta | rest, (x,)), labels)
        g = torch.autograd.grad(loss, list(theta.values()), **order)
        theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return theta, rest
