"""Sorted as text, 10 comes before 2.

Loses: container: call, length, index, slice and iteration.
Loses: container: state dicts go both ways.
Loses: container: parameters() gives all weights, torch.optim trains them.
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
    def forward(self, x):
        for _, module in sorted(self._modules.items()):
            x = module(x)
        return x
