"""Moved after the twin's own constructor, the weights come last.

Loses: batch norm: graph, leaves and state dicts.
"""

from torch import nn


class MetaBatchNorm2d(nn.BatchNorm2d):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        for name, weight in list(self._parameters.items()):
            del self._parameters[name]
            self.register_buffer(name, None if weight is None else weight.detach().requires_grad_())
