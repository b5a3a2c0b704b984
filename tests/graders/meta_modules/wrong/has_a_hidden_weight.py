"""A buffer that is not saved, requires a gradient, and is no weight of the twin's.

Loses: linear: new weights, and state dicts that go both ways.
Loses: convolution: graph, new weights and state dicts.
Loses: transposed convolution: graph, new weights and state dicts.
Loses: batch norm: graph, new weights and state dicts.
Axis: structure.
"""

import torch
from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            spare = torch.ones(1, requires_grad=True)
            self.register_buffer("spare", spare, persistent=False)

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
