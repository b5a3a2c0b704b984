"""A batch that cannot be computed leaves the run's statistics in the network.

Loses: inner loop: the weights at the end, and their graph.
Axis: refusal.
"""

from answers import solved

right = solved("meta_resnet")["inner_loop"]


def inner_loop(network, batches, rate, first_order=False):
    found = [(m, n, b) for m in network.modules() for n, b in m.named_buffers(recurse=False)]
    for module, name, buffer in found:
        if not buffer.requires_grad:
            module._buffers[name] = buffer.clone()
    result = right(network, batches, rate, first_order)
    for module, name, buffer in found:
        module._buffers[name] = buffer
    return result
