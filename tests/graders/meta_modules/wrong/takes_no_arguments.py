"""The original code did: recurse and prefix raise TypeError.

Loses: container: parameters() gives all weights, torch.optim trains them.
"""

from torch import nn


class MetaSequential(nn.Sequential):
    def named_parameters(self, *_, **__):
        yield from super().named_parameters()
        for name, buffer in self.named_buffers():
            if buffer.requires_grad:
                yield name, buffer
