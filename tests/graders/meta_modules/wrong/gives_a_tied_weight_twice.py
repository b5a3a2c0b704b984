"""The optimizer would step twice.

Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: ties.
"""

from torch import nn


class MetaSequential(nn.Sequential):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        yield from super().named_parameters(prefix, recurse, remove_duplicate)
        for name, buffer in self.named_buffers(prefix, recurse, False):
            if buffer.requires_grad:
                yield name, buffer
