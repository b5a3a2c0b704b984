"""A list outside of the function keeps every graph.

Loses: inner loop: the weights at the end, and their graph.
Axis: resources.
"""

from answers import solved

right = solved("meta_resnet")["inner_loop"]


runs = []


def inner_loop(network, batches, rate, first_order=False):
    runs.append(right(network, batches, rate, first_order))
    return runs[-1]
