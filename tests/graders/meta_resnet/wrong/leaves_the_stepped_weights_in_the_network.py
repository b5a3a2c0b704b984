"""As after the update of exercise 2.

Loses: one step: the loss after it; the network is as it was.
Loses: one step, second order: the graph leads through the gradient.
Loses: one step, first order: the gradient counts as a constant.
"""

import torch
import torch.nn.functional as F


def loss_after_step(network, train, test, rate, first_order=False):
    statistics = {n: b.clone() for n, b in network.named_buffers() if not b.requires_grad}
    weights = [b for b in network.buffers() if b.requires_grad]
    x, labels = train
    g = torch.autograd.grad(
        F.cross_entropy(network(x), labels),
        weights,
        create_graph=not first_order,
        materialize_grads=True,
    )
    new = {w: w - rate * slope for w, slope in zip(weights, g)}
    for owner in network.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
    x, labels = test
    loss = F.cross_entropy(network(x), labels)
    for name, buffer in network.named_buffers():
        if name in statistics:
            buffer.copy_(statistics[name])
    return loss
