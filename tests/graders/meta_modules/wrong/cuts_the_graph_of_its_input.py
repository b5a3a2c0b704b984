"""Whatever made the input may be trained as well.

Loses: container: call, length, index, slice and iteration.
Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: graph.
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
        return super().forward(x.detach())
