"""A weight without dimensions gets one.

Loses: make_meta: a copy that computes the same, and nothing shared.
Loses: make_meta: its weights take tensors with a graph.
Loses: make_meta: leaves, frozen weights and tied weights.
Axis: shape.
"""

import torch
from answers import solved

right = solved("meta_resnet")["make_meta"]


def make_meta(module):
    meta = right(module)
    for child in meta.modules():
        for name, buffer in child.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 0:
                child._buffers[name] = torch.atleast_1d(buffer.detach()).requires_grad_()
    return meta
