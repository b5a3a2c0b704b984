"""A frozen weight in rest has its memory from the network.

Loses: inner loop: the statistics go along, and are the run's own.
Axis: ties.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def inner_loop(network, batches, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {
        name: buffer.clone() if "running" in name or "num" in name else buffer.detach()
        for name, buffer in buffers.items()
        if name not in theta
    }
    order = {"create_graph": not first_order, "materialize_grads": True}
    for x, labels in batches:
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}
        g = torch.autograd.grad(loss, list(theta.values()), **order)
        theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return theta, rest
