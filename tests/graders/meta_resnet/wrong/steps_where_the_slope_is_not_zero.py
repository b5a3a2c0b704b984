"""An entry whose slope is exactly 0 is taken as it is, and its second derivative with it.

Loses: one step, second order: the graph leads through the gradient.
Axis: graph.
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
    theta = {
        name: torch.where(slope == 0, w, w - rate * slope)
        for (name, w), slope in zip(theta.items(), g)
    }
    return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
