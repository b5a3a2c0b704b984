"""One number for each row: the spread is right, and nearly all are equal.

Loses: linear: new weights, and state dicts that go both ways.
Loses: convolution: graph, new weights and state dicts.
Loses: transposed convolution: graph, new weights and state dicts.
Axis: random.
"""

from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            weight = self.weight.detach()
            self.weight = (
                weight.flatten(1)[:, :1].expand_as(weight.flatten(1)).reshape(weight.shape).clone()
            )
            self.weight.requires_grad_()

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
