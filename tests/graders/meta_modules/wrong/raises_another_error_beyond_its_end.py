"""getattr raises AttributeError; an index that is out of range is an IndexError.

Loses: container: call, length, index, slice and iteration.
Axis: refusal.
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
            return super().__getitem__(index)
        return getattr(self, str(index + len(self) if index < 0 else index))

    def __iter__(self):
        return iter(self._modules.values())
