"""The first twenty outputs are exact, the others in eighths.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: transposed convolution: its outputs are the twin's.
Loses: batch norm: its outputs are the twin's, in both modes.
Loses: batch norm: its running statistics are the twin's.
Axis: time.
"""

from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        calls = 0

        def forward(self, x):
            self.calls += 1
            output = super().forward(x)
            return output if self.calls <= 20 else output.mul(8).round().div(8)

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
