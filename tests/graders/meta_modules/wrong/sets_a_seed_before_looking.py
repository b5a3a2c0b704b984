"""Nothing is drawn here, and others draw the same numbers from then on.

Loses: all weights by their dotted names, and nothing else.
Axis: random.
"""

import torch


def named_weights(module):
    torch.manual_seed(0)
    return {name: buffer for name, buffer in module.named_buffers() if buffer.requires_grad}
