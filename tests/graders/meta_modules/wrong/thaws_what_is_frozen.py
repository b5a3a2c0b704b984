"""A weight that requires no gradient is made to.

Loses: linear: it computes with a tensor that has a graph.
Loses: convolution: graph, new weights and state dicts.
Loses: transposed convolution: graph, new weights and state dicts.
Loses: batch norm: graph, new weights and state dicts.
Axis: ties.
"""

from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        def forward(self, x):
            for tensor in (self.weight, self.bias):
                if tensor is not None:
                    tensor.requires_grad_()
            return super().forward(x)

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
