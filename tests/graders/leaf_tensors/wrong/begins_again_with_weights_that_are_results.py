"""A weight that is a result is made a leaf, and its graph ends there.

Axis: graph.
Loses: the graph leads back to weights and gradients.
"""


def sgd_step(weights, gradients, rate):
    own = {n: w if w.is_leaf else w.detach().requires_grad_() for n, w in weights.items()}
    return {n: w - rate * gradients[n] for n, w in own.items()}
