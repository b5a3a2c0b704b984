"""Its function holds on to self: a deep copy computes with the weights of the original.

Loses: convolution: graph, new weights and state dicts.
Axis: again.
"""

from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        original = super().forward

        def run(x):
            return original(x)

        self.run = run

    def forward(self, x):
        return self.run(x)
