"""The derivative in x has no graph.

Loses: block: weights with a graph, and state dicts that go both ways.
Axis: graph.
"""

import torch
from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class Cut(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x.clone()

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, slope):
        return slope.detach()


class MetaBasicBlock(Block):
    def forward(self, x):
        return super().forward(Cut.apply(x))
