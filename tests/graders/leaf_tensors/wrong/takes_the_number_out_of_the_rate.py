"""item() gives a number, and numbers have no graph.

Loses: the graph leads back to the rate.
Axis: graph.
"""


def sgd_step(weights, gradients, rate):
    rate = rate.item()
    return {name: weights[name] - rate * gradients[name] for name in weights}
