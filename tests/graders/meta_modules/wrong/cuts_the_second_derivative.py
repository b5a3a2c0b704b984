"""A backward of its own, without a graph.

Loses: linear: it computes with a tensor that has a graph.
Axis: graph.
"""

import torch
import torch.nn.functional as F
from answers import solved


class Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.kept = x.detach(), weight.detach()
        return F.linear(x, weight, bias)

    @staticmethod
    def backward(ctx, slope):
        x, weight = ctx.kept
        rows = slope.reshape(-1, slope.shape[-1])
        by_weight = rows.T @ x.reshape(-1, x.shape[-1])
        return slope @ weight, by_weight, rows.sum(0) if ctx.needs_input_grad[2] else None


class MetaLinear(solved("meta_modules")["MetaLinear"]):
    def forward(self, x):
        return Once.apply(x, self.weight, self.bias)
