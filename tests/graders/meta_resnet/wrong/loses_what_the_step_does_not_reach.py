"""A weight that the first loss does not reach is a constant in the second one.

Loses: one step, second order: the graph leads through the gradient.
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
    order = {"create_graph": not first_order, "allow_unused": True}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    reached = {name: slope for name, slope in zip(theta, g) if slope is not None}
    rest |= {name: w.detach() for name, w in theta.items() if name not in reached}
    theta = {name: theta[name] - rate * slope for name, slope in reached.items()}
    return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
