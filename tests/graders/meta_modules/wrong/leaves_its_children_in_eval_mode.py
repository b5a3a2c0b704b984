"""After a call they are in another mode than before.

Loses: container: call, length, index, slice and iteration.
Axis: behind.
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
        output = super().forward(x)
        self.eval()
        return output
