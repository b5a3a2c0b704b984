"""A plain list, whose tensors the module does not see.

Loses: the outputs, for any layers and any activation.
Loses: steps stay in the graph.
Loses: the start is uniform and comes from the generator.
"""

import itertools

import torch

from l2l_ref.modules import MetaModule


class Perceptron(MetaModule):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__()
        self.layers = [
            torch.empty(b, a).uniform_(-(a**-0.5), a**-0.5, generator=generator).requires_grad_()
            for a, b in itertools.pairwise(sizes)
        ]
