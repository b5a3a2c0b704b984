"""A rate that is a number becomes a tensor of the default dtype, which may hold less of it.

Axis: dtype.
Loses: one step: the loss after it; the network is as it was.
Loses: one step, second order: the graph leads through the gradient.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after_step(network, train, test, rate, first_order=False):
    rate = rate if isinstance(rate, torch.Tensor) else torch.tensor(rate)
    buffers = dict(network.named_buffers())
    theta = {name: b for name, b in buffers.items() if b.requires_grad}
    rest = {name: b.clone() for name, b in buffers.items() if not b.requires_grad}

    def loss(weights, batch):
        return F.cross_entropy(functional_call(network, weights | rest, (batch[0],)), batch[1])

    slopes = torch.autograd.grad(
        loss(theta, train),
        list(theta.values()),
        create_graph=not first_order,
        allow_unused=True,
        materialize_grads=True,
    )
    moved = {name: w - rate * s for (name, w), s in zip(theta.items(), slopes)}
    return loss(moved, test)
