"""Where nothing would be recorded the weights themselves are moved.

Axis: behind.
Loses: the new values follow the rule, and the old ones stay.
"""


def sgd_step(weights, gradients, rate):
    new = {}
    for name, weight in weights.items():
        change = rate * gradients[name]
        recorded = weight.requires_grad or change.requires_grad
        new[name] = weight - change if recorded else weight.sub_(change)
    return new
