"""children() gives a module once, though it comes twice.

Loses: container: call, length, index, slice and iteration.
Loses: container: state dicts go both ways.
Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: structure.
"""

from torch import nn


class MetaSequential(nn.Sequential):
    def forward(self, x):
        for child in self.children():
            x = child(x)
        return x

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        arguments = prefix, recurse, remove_duplicate
        yield from super().named_parameters(*arguments)
        for name, buffer in self.named_buffers(*arguments):
            if buffer.requires_grad:
                yield name, buffer
