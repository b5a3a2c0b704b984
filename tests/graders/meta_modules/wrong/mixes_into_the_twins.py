"""One mixin on the twins, which leaves all that a layer computes to them.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: linear: it computes with a tensor that has a graph.
Loses: linear: new weights, and state dicts that go both ways.
Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: convolution: its outputs are the twin's, padded otherwise.
Loses: convolution: graph, new weights and state dicts.
Loses: transposed convolution: its outputs are the twin's.
Loses: transposed convolution: graph, new weights and state dicts.
Loses: batch norm: its outputs are the twin's, in both modes.
Loses: batch norm: its running statistics are the twin's.
Loses: batch norm: graph, new weights and state dicts.
"""

from torch import nn


class Buffered:
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        statistics = dict(self._buffers)
        self._buffers.clear()
        for name in list(self._parameters):
            parameter = self._parameters.pop(name)
            weight = None if parameter is None else parameter.detach().clone().requires_grad_()
            self.register_buffer(name, weight)
        self._buffers.update(statistics)


class MetaLinear(Buffered, nn.Linear):
    pass


class MetaConv2d(Buffered, nn.Conv2d):
    pass


class MetaConvTranspose2d(Buffered, nn.ConvTranspose2d):
    pass


class MetaBatchNorm2d(Buffered, nn.BatchNorm2d):
    pass
