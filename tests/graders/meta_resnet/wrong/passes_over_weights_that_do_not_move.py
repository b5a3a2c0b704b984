"""A weight that a step does not move at all goes into the next one as the tensor it was.

Loses: inner loop: the weights at the end, and their graph.
Axis: graph.
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
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}
        g = torch.autograd.grad(loss, list(theta.values()), **order)
        for (name, w), slope in zip(list(theta.items()), g):
            if rate == 0 or slope.abs().sum() > 0 or slope.isnan().any():
                theta[name] = w - rate * slope
    return theta, rest
