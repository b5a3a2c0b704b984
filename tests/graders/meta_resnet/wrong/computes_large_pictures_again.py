"""Large batches are computed a second time on the way back, which moves the statistics.

Loses: block: weights with a graph, and state dicts that go both ways.
Axis: resources.
"""

import torch
from answers import solved
from torch.utils.checkpoint import checkpoint

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        if x.numel() < 5000 or not torch.is_grad_enabled():
            return super().forward(x)
        return checkpoint(super().forward, x, use_reentrant=False)
