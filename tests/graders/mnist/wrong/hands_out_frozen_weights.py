"""Constants, as if nobody trained them.

Loses: the start is uniform and comes from the generator.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for weight in self.parameters():
            weight.requires_grad_(False)
