"""retain_grad() on what forward is given, to look at the gradients later.

Loses: linear: it computes with a tensor that has a graph.
Loses: transposed convolution: its outputs are the twin's.
Loses: batch norm: its outputs are the twin's, in both modes.
Axis: behind.
"""

from answers import solved

OWN = solved("meta_modules")


class MetaLinear(OWN["MetaLinear"]):
    def forward(self, x):
        if self.bias is not None and self.bias.requires_grad:
            self.bias.retain_grad()
        return super().forward(x)


class MetaConvTranspose2d(OWN["MetaConvTranspose2d"]):
    def forward(self, x):
        if x.requires_grad:
            x.retain_grad()
        return super().forward(x)


class MetaBatchNorm2d(OWN["MetaBatchNorm2d"]):
    def forward(self, x):
        y = super().forward(x)
        if x.grad_fn is not None:
            x.retain_grad()
        return y
