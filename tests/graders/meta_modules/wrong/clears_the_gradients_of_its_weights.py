"""The .grad that lies there is somebody's.

Loses: linear: new weights, and state dicts that go both ways.
Loses: convolution: graph, new weights and state dicts.
Loses: transposed convolution: graph, new weights and state dicts.
Loses: batch norm: graph, new weights and state dicts.
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
