"""The counter of batches has become a floating-point number.

Loses: inner loop: the statistics go along, and are the run's own.
Axis: dtype.
"""

from answers import solved

right = solved("meta_resnet")["inner_loop"]


def inner_loop(network, batches, rate, first_order=False):
    theta, rest = right(network, batches, rate, first_order)
    return theta, {name: buffer.double() for name, buffer in rest.items()}
