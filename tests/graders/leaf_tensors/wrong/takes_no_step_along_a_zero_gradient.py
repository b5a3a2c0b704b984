"""The weight does not move, but its slope in the gradient is not zero.

Loses: the graph leads back to weights and gradients.
Axis: graph.
"""

import torch


def sgd_step(weights, gradients, rate):
    def moved(w, g):
        return w - rate * g if torch.count_nonzero(g) else w.clone()

    return {name: moved(w, gradients[name]) for name, w in weights.items()}
