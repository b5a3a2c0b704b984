"""A weight that requires no gradient is not moved.

Loses: the new values follow the rule, and the old ones stay.
Axis: ties.
"""


def sgd_step(weights, gradients, rate):
    return {n: w - rate * gradients[n] if w.requires_grad else w for n, w in weights.items()}
