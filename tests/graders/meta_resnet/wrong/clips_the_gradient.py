"""A gradient longer than 10 is made shorter.

Loses: one step: the loss after it; the network is as it was.
Axis: values.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after_step(network, train, test, rate, first_order=False):
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    loss = F.cross_entropy(functional_call(network, theta | rest, (train[0],)), train[1])
    order = {"create_graph": not first_order, "materialize_grads": True}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    norm = torch.stack([slope.norm() for slope in g]).norm()
    g = [slope * (10 / norm).clamp(max=1) for slope in g]
    theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
