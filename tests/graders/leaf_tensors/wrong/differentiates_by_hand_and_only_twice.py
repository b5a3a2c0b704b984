"""Right slopes with right slopes of their own, and those have none.

Loses: the graph leads back to weights and gradients.
Axis: graph.
"""

import torch


class Product(torch.autograd.Function):
    """The sum of products, whose derivatives are numbers."""

    @staticmethod
    def forward(ctx, one, other):
        ctx.numbers = one.detach(), other.detach()
        return (one * other).sum()

    @staticmethod
    def backward(ctx, by):
        one, other = ctx.numbers
        return by * other, by * one


class Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, g, rate):
        ctx.save_for_backward(g, rate)
        return w - (rate * g).to(w.dtype)

    @staticmethod
    def backward(ctx, by):
        g, rate = ctx.saved_tensors
        return by, -(rate * by).to(g.dtype), -Product.apply(g, by).to(rate.dtype)


def sgd_step(weights, gradients, rate):
    return {name: Step.apply(w, gradients[name], rate) for name, w in weights.items()}
