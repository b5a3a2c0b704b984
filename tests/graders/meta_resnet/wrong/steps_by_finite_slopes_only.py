"""Where a slope is infinite or no number, nothing moves.

Loses: inner loop: the weights at the end, and their graph.
Loses: one step: the loss after it; the network is as it was.
Axis: values.
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
        theta = {
            name: w - rate * slope.masked_fill(~slope.isfinite(), 0.0)
            for (name, w), slope in zip(theta.items(), g)
        }
    return theta, rest


def loss_after_step(network, train, test, rate, first_order=False):
    theta, rest = inner_loop(network, [train], rate, first_order)
    return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])
