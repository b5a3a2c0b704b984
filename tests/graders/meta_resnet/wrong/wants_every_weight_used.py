"""A weight that the loss does not reach raises an error.

Loses: one step, second order: the graph leads through the gradient.
Told: what does autograd.grad do with it.
Axis: structure.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after_step(network, train, test, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    loss = F.cross_entropy(functional_call(network, theta | rest, (train[0],)), train[1])
    order = {"create_graph": not first_order}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
