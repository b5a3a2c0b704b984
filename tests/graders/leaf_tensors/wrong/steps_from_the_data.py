"""w.data, to keep autograd out of the update, as in a training loop.

Loses: the graph leads back to weights and gradients.
Axis: graph.
"""


def sgd_step(weights, gradients, rate):
    return {name: w.data - rate * gradients[name] for name, w in weights.items()}
