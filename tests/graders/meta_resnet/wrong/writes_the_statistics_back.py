"""The old numbers come back, but into tensors that a graph may hold.

Loses: one step: the loss after it; the network is as it was.
Loses: one step, second order: the graph leads through the gradient.
Loses: one step, first order: the gradient counts as a constant.
Axis: behind.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after_step(network, train, test, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer for name, buffer in buffers.items() if name not in theta}
    before = {name: buffer.clone() for name, buffer in rest.items()}
    loss = F.cross_entropy(functional_call(network, theta | rest, (train[0],)), train[1])
    order = {"create_graph": not first_order, "materialize_grads": True}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    loss = F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
    for name, numbers in before.items():
        rest[name].copy_(numbers)
    return loss
