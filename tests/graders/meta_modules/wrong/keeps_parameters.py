"""The twin itself, whose weights are parameters.

Loses: linear: it computes with a tensor that has a graph.
Loses: linear: leaves at first, and state dicts go both ways.
"""

from torch import nn


class MetaLinear(nn.Linear):
    pass
