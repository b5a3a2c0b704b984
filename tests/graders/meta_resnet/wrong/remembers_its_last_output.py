"""The graph of the last call stays in memory until the next one.

Loses: block: weights with a graph, and state dicts that go both ways.
Axis: resources.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        self.seen = super().forward(x)
        return self.seen
