"""Eval mode is no no_grad(): the slope is asked for there as well.

Loses: linear: it computes with a tensor that has a graph.
Loses: convolution: graph, new weights and state dicts.
Loses: transposed convolution: graph, new weights and state dicts.
Loses: batch norm: graph, new weights and state dicts.
Axis: mode.
"""

from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        def forward(self, x):
            output = super().forward(x)
            return output if self.training else output.detach()

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
