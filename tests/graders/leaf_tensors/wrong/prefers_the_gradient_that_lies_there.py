"""Takes the .grad of a weight where there is one.

Loses: the new values follow the rule, and the old ones stay.
Axis: before.
"""


def sgd_step(weights, gradients, rate):
    new = {}
    for name, w in weights.items():
        gradient = w.grad if w.is_leaf and w.grad is not None else gradients[name]
        new[name] = w - rate * gradient
    return new
