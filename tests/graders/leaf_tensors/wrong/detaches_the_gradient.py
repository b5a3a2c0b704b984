"""A gradient is a number, is it not?

Loses: the graph leads back to weights and gradients.
Axis: graph.
"""


def sgd_step(weights, gradients, rate):
    return {name: w - rate * gradients[name].detach() for name, w in weights.items()}
