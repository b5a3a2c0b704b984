"""A weight that has diverged looks sound in the copy.

Loses: make_meta: a copy that computes the same, and nothing shared.
Axis: values.
"""

from answers import solved

right = solved("meta_resnet")["make_meta"]


def make_meta(module):
    meta = right(module)
    for buffer in meta.buffers():
        buffer.detach().nan_to_num_()
    return meta
