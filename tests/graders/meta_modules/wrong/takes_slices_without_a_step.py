"""net[::2] is a slice, too, and so is net[::-1].

Loses: container: call, length, index, slice and iteration.
Axis: structure.
"""

from torch import nn


class Right(nn.Sequential):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from super().named_parameters(prefix, recurse, remove_duplicate)
        for name, buffer in self.named_buffers(prefix, recurse, remove_duplicate):
            if buffer.requires_grad:
                yield name, buffer


class MetaSequential(Right):
    def __getitem__(self, index):
        if isinstance(index, slice):
            index = slice(index.start, index.stop)
        return super().__getitem__(index)
