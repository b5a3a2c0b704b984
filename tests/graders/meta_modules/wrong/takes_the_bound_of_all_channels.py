"""With groups, each output sees some of the channels, and its bias has a larger bound.

Loses: convolution: graph, new weights and state dicts.
Axis: random.
"""

from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if self.bias is not None:
            groups = arguments[0] / self.weight.shape[1]
            self.bias = (self.bias.detach() / groups**0.5).requires_grad_()
