"""The first block of a network gets pictures that are constants; its weights then have no slope.

Loses: block: weights with a graph, and state dicts that go both ways.
Axis: graph.
"""

import torch
from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        with torch.set_grad_enabled(torch.is_grad_enabled() and x.requires_grad):
            return super().forward(x)
