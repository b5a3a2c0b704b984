"""Who looks for weights wants to train them, and begins without a .grad.

Loses: all weights by their dotted names, and nothing else.
Axis: before.
"""


def named_weights(module):
    found = {name: buffer for name, buffer in module.named_buffers() if buffer.requires_grad}
    for buffer in found.values():
        if buffer.is_leaf:
            buffer.grad = None
    return found
