"""The .grad that lies there is somebody's.

Loses: linear: leaves at first, and state dicts go both ways.
Loses: convolution: graph, leaves and state dicts.
Loses: transposed convolution: graph, leaves and state dicts.
Loses: batch norm: graph, leaves and state dicts.
Axis: before.
"""

from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        def forward(self, x):
            for tensor in (self.weight, self.bias):
                if tensor is not None and tensor.is_leaf:
                    tensor.grad = None
            return super().forward(x)

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
