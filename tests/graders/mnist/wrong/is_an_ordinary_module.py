"""nn.Module and nn.Linear: nothing can take a weight's place.

Loses: the outputs, for any layers and any activation.
Loses: steps stay in the graph.
Loses: the start is uniform and comes from the generator.
"""

import itertools

from torch import nn


class Perceptron(nn.Sequential):
    def __init__(self, sizes, generator, activation=None):
        layers = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
        super().__init__(*layers)
