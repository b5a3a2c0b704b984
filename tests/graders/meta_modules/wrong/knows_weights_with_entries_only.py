"""A weight without entries is a weight, too.

Loses: all weights by their dotted names, and nothing else.
Axis: shape.
"""


def named_weights(module):
    found = module.named_buffers()
    return {name: buffer for name, buffer in found if buffer.requires_grad and buffer.numel()}
