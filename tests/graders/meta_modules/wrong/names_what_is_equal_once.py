"""Weights with equal numbers count as tied.

Loses: a tied weight comes once, under the first of its names.
Axis: values.
"""

import torch


def named_weights(module):
    found = {}
    for name, buffer in module.named_buffers():
        if buffer.requires_grad and not any(torch.equal(buffer, w) for w in found.values()):
            found[name] = buffer
    return found
