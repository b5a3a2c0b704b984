"""Layers in double precision are calculated with half the digits.

Loses: container: call, length, index, slice and iteration.
Axis: dtype.
"""

from torch import nn


class Right(nn.Sequential):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from super().named_parameters(prefix, recurse, remove_duplicate)
        for name, buffer in self.named_buffers(prefix, recurse, remove_duplicate):
            if buffer.requires_grad:
                yield name, buffer


class MetaSequential(Right):
    def forward(self, x):
        return super().forward(x.float().to(x.dtype))
