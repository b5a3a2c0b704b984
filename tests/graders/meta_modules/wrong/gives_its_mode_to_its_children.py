"""A child may be in eval mode by itself.

Loses: container: call, length, index, slice and iteration.
Axis: mode.
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
        for module in self:
            module.train(self.training)
        return super().forward(x)
