"""Gradients are taken in the order of their dict, which is another one than that of the weights.

Loses: the new values follow the rule, and the old ones stay.
Loses: the graph leads back to the rate.
Loses: the graph leads back to weights and gradients.
Told: is the gradient of each weight found by its name.
Axis: structure.
"""


def sgd_step(weights, gradients, rate):
    pairs = zip(weights.items(), gradients.values())
    return {name: weight - rate * gradient for (name, weight), gradient in pairs}
