"""Half and double precision are weights as well.

Loses: all weights by their dotted names, and nothing else.
Axis: dtype.
"""

import torch


def named_weights(module):
    found = module.named_buffers()
    return {n: b for n, b in found if b.requires_grad and b.dtype == torch.float32}
