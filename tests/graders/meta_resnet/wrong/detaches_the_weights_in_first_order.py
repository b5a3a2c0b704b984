"""First order leaves the identity in place.

Loses: one step, first order: the gradient counts as a constant.
"""

import torch
import torch.nn.functional as F
from torch.func import functional_call


def loss_after_step(network, train, test, rate, first_order=False):
    """The loss on the batch test after one step on the batch train, with its graph.

    network: a meta network, from images to logits. train, test: pairs of images and labels.
    rate: a number, or a tensor without dimensions.
    """
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    x, labels = train
    loss = F.cross_entropy(functional_call(network, theta | rest, (x,)), labels)
    g = torch.autograd.grad(
        loss, list(theta.values()), create_graph=not first_order, materialize_grads=True
    )
    theta = {
        name: (w.detach() if first_order else w) - rate * slope
        for (name, w), slope in zip(theta.items(), g)
    }
    x, labels = test
    return F.cross_entropy(functional_call(network, theta | rest, (x,)), labels)
