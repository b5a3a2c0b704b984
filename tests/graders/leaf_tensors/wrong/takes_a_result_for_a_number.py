"""A rate that is no leaf enters as a number.

Axis: graph.
Loses: the graph leads back to the rate.
"""


def sgd_step(weights, gradients, rate):
    alpha = rate if rate.is_leaf else rate.item()
    return {name: weight - alpha * gradients[name] for name, weight in weights.items()}
