"""A weight in another dtype than the rest gets theirs.

Loses: make_meta: a copy that computes the same, and nothing shared.
Axis: dtype.
"""

import torch
from answers import solved

right = solved("meta_resnet")["make_meta"]


def make_meta(module):
    meta = right(module)
    for child in meta.modules():
        for name, buffer in child.named_buffers(recurse=False):
            if buffer.dtype == torch.float32:
                child._buffers[name] = buffer.detach().double().requires_grad_()
    return meta
