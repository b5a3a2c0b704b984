"""Each look at the network moves the statistics.

Loses: inner loop: the statistics go along, and are the run's own.
Axis: resources.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def inner_loop(network, batches, rate, first_order=False):
    """One step of gradient descent on each batch; the weights keep their graph.

    batches: a list of pairs of images and labels. Returns the dicts theta and rest.
    """
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    for x, labels in batches:
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}
        g = torch.autograd.grad(
            loss, list(theta.values()), create_graph=not first_order, materialize_grads=True
        )
        functional_call(network, theta | rest, (x,))
        theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return theta, rest
