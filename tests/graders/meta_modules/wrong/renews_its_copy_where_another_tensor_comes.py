"""A state dict goes into the tensor that is there, and the copy stays what it was.

Loses: linear: new weights, and state dicts that go both ways.
Loses: convolution: graph, new weights and state dicts.
Loses: transposed convolution: graph, new weights and state dicts.
Loses: batch norm: graph, new weights and state dicts.
Axis: again.
"""

from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        source = None

        def forward(self, x):
            held = self.weight
            if held is None:
                return super().forward(x)
            if held is not self.source:
                self.source, self.copied = held, held.clone()
            self.weight = self.copied
            output = super().forward(x)
            self.weight = held
            return output

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
