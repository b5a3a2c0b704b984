"""A list outside of the function keeps every graph.

Loses: one step: the loss after it; the network is as it was.
Axis: resources.
"""

from answers import solved

right = solved("meta_resnet")["loss_after_step"]


losses = []


def loss_after_step(network, train, test, rate, first_order=False):
    losses.append(right(network, train, test, rate, first_order))
    return losses[-1]
