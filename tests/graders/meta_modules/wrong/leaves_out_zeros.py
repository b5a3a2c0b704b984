"""A weight of zeros has not been set yet, has it?

Loses: all weights by their dotted names, and nothing else.
Axis: values.
"""


def named_weights(module):
    found = module.named_buffers()
    return {n: b for n, b in found if b.requires_grad and (b.any() or not b.numel())}
