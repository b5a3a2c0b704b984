"""After an update the weights are no leaves, and weights still.

Loses: container: parameters() gives all weights, torch.optim trains them.
Axis: graph.
"""

from torch import nn


class MetaSequential(nn.Sequential):
    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        arguments = prefix, recurse, remove_duplicate
        yield from super().named_parameters(*arguments)
        for name, buffer in self.named_buffers(*arguments):
            if buffer.requires_grad and buffer.is_leaf:
                yield name, buffer
