"""So that there is a graph, whoever is asked.

Loses: the new values follow the rule, and the old ones stay.
Axis: behind.
"""


def sgd_step(weights, gradients, rate):
    for tensor in (rate, *weights.values(), *gradients.values()):
        tensor.requires_grad_()
    return {name: w - rate * gradients[name] for name, w in weights.items()}
