"""Without running statistics both modes take the batch's, which depend on it.

Loses: batch norm: graph, new weights and state dicts.
Axis: graph.
"""

import torch.nn.functional as F
from answers import solved


class MetaBatchNorm2d(solved("meta_modules")["MetaBatchNorm2d"]):
    def forward(self, x):
        if self.training or self.running_mean is not None:
            return super().forward(x)
        mean, var = x.mean((0, 2, 3)).detach(), x.var((0, 2, 3), correction=0).detach()
        return F.batch_norm(x, mean, var, self.weight, self.bias, eps=self.eps)
