"""A weight that the loss on the first batch does not reach never moves.

Loses: inner loop: the weights at the end, and their graph.
Axis: time.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def inner_loop(network, batches, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    moving = list(theta)
    for nth, (x, labels) in enumerate(batches):
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}
        weights = [theta[name] for name in moving]
        order = {"create_graph": not first_order, "allow_unused": True}
        slopes = dict(zip(moving, torch.autograd.grad(loss, weights, **order)))
        if nth == 0:
            moving = [name for name in moving if slopes[name] is not None]
        for name in moving:
            if slopes[name] is not None:
                theta[name] = theta[name] - rate * slopes[name]
    return theta, rest
