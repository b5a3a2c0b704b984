"""The default dtype is there to be asked for.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: transposed convolution: its outputs are the twin's.
Loses: batch norm: its outputs are the twin's, in both modes.
Axis: dtype.
"""

from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            for name, tensor in list(self.named_buffers()):
                if tensor.is_floating_point():
                    setattr(
                        self, name, tensor.detach().float().requires_grad_(tensor.requires_grad)
                    )

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
