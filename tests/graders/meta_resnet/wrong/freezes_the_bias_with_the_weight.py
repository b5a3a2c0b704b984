"""A layer whose weight is frozen does not move at all.

Loses: one step: the loss after it; the network is as it was.
Loses: one step, second order: the graph leads through the gradient.
Loses: inner loop: the weights at the end, and their graph.
Loses: inner loop: the statistics go along, and are the run's own.
Axis: ties.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def parted(network):
    theta, rest = {}, {}
    for name, buffer in network.named_buffers():
        owner = network.get_submodule(name.rpartition(".")[0])
        moves = buffer.requires_grad and getattr(owner, "weight", buffer).requires_grad
        (theta if moves else rest)[name] = buffer
    return theta, {name: buffer.clone() for name, buffer in rest.items()}


def stepped(network, theta, rest, batch, rate, first_order):
    tensors = theta | rest
    loss = F.cross_entropy(functional_call(network, tensors, (batch[0],)), batch[1])
    order = {"create_graph": not first_order, "materialize_grads": True}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return theta, {name: tensors[name] for name in rest}


def loss_after_step(network, train, test, rate, first_order=False):
    theta, rest = stepped(network, *parted(network), train, rate, first_order)
    return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])


def inner_loop(network, batches, rate, first_order=False):
    theta, rest = parted(network)
    for batch in batches:
        theta, rest = stepped(network, theta, rest, batch, rate, first_order)
    return theta, rest
