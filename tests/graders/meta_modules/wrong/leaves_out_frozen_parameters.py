"""nn.Module gives them, and so should a container.

Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: ties.
"""

from torch import nn


class Right(nn.Sequential):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from super().named_parameters(prefix, recurse, remove_duplicate)
        for name, buffer in self.named_buffers(prefix, recurse, remove_duplicate):
            if buffer.requires_grad:
                yield name, buffer


class MetaSequential(Right):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        for name, weight in super().named_parameters(prefix, recurse, remove_duplicate):
            if weight.requires_grad:
                yield name, weight
