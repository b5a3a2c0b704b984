"""A seed of its own gives every block the same numbers.

Loses: block: weights with a graph, and state dicts that go both ways.
Axis: random.
"""

import torch
from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def __init__(self, in_channels, channels, stride=1):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            super().__init__(in_channels, channels, stride)
