"""The slope of a PReLU is a parameter.

Loses: container: parameters() gives all weights, torch.optim trains them.
"""

from torch import nn


class MetaSequential(nn.Sequential):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        for name, buffer in self.named_buffers(prefix, recurse, remove_duplicate):
            if buffer.requires_grad:
                yield name, buffer
