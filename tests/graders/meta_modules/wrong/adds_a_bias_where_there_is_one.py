"""A bias of zeros adds nothing, and so it is not added.

Loses: transposed convolution: graph, new weights and state dicts.
Axis: graph.
"""

import torch
from answers import solved


class MetaConvTranspose2d(solved("meta_modules")["MetaConvTranspose2d"]):
    def forward(self, x):
        bias = self.bias
        if bias is not None and torch.count_nonzero(bias) == 0:
            self.bias = None
        output = super().forward(x)
        self.bias = bias
        return output
