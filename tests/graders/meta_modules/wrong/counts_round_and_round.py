"""net[-12] of eleven children is none of them.

Loses: container: call, length, index, slice and iteration.
Axis: values.
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
        return super().__getitem__(index if isinstance(index, slice) else index % max(1, len(self)))

    def __iter__(self):
        return iter(self._modules.values())
