"""The bias is added as a number.

Loses: transposed convolution: graph, new weights and state dicts.
Axis: graph.
"""

from answers import solved


class MetaConvTranspose2d(solved("meta_modules")["MetaConvTranspose2d"]):
    def forward(self, x):
        bias, self.bias = self.bias, None
        output = super().forward(x)
        self.bias = bias
        return output if bias is None else output + bias.detach()[:, None, None]
