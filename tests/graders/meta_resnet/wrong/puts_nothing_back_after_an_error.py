"""A batch that cannot be computed leaves the clones in the network.

Loses: one step: the loss after it; the network is as it was.
Axis: refusal.
"""

from answers import solved

right = solved("meta_resnet")["loss_after_step"]


def loss_after_step(network, train, test, rate, first_order=False):
    found = [(m, n, b) for m in network.modules() for n, b in m.named_buffers(recurse=False)]
    for module, name, buffer in found:
        if not buffer.requires_grad:
            module._buffers[name] = buffer.clone()
    loss = right(network, train, test, rate, first_order)
    for module, name, buffer in found:
        module._buffers[name] = buffer
    return loss
