"""w1 gets the gradient of w10.

Loses: the new values follow the rule, and the old ones stay.
Axis: structure.
"""


def sgd_step(weights, gradients, rate):
    new = {}
    for name, w in weights.items():
        found = next(g for other, g in gradients.items() if other.startswith(name))
        new[name] = w - rate * found
    return new
