"""All biases, then all matrices.

Loses: the outputs, for any layers and any activation.
Loses: steps stay in the graph.
Loses: the start is uniform and comes from the generator.
Axis: structure.
"""

import itertools

import torch
from torch import nn

from l2l_ref.modules import MetaModule


class Perceptron(MetaModule):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__()
        for k, (a, b) in enumerate(itertools.pairwise(sizes)):
            self.register_parameter(f"b{k}", nn.Parameter(torch.zeros(b)))
        for k, (a, b) in enumerate(itertools.pairwise(sizes)):
            self.register_parameter(f"w{k}", nn.Parameter(torch.zeros(b, a)))
