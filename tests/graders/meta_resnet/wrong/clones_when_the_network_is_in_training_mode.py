"""A batch norm that alone is in training mode moves the network's statistics.

Loses: inner loop: the statistics go along, and are the run's own.
Axis: mode.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def inner_loop(network, batches, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer for name, buffer in buffers.items() if name not in theta}
    if network.training:
        rest = {name: buffer.clone() for name, buffer in rest.items()}
    own = rest
    order = {"create_graph": not first_order, "materialize_grads": True}
    for x, labels in batches:
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}
        g = torch.autograd.grad(loss, list(theta.values()), **order)
        theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return theta, {n: b.clone() if b is own[n] else b for n, b in rest.items()}
