"""And leaves the network in it.

Loses: all weights by their dotted names, and nothing else.
Axis: behind.
"""


def named_weights(module):
    module.train()
    return {name: buffer for name, buffer in module.named_buffers() if buffer.requires_grad}
