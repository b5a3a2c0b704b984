"""What was saved has its graph, and what comes from behind has lost it.

Loses: the graph leads back to weights and gradients.
Axis: graph.
"""

import torch


class Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, g, rate):
        ctx.save_for_backward(g, rate)
        return w - (rate * g).to(w.dtype)

    @staticmethod
    def backward(ctx, by_new):
        g, rate = ctx.saved_tensors
        number = by_new.data
        return by_new, -(rate * number).to(g.dtype), -(g * number).sum().to(rate.dtype)


def sgd_step(weights, gradients, rate):
    return {name: Step.apply(w, gradients[name], rate) for name, w in weights.items()}
