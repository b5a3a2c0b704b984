"""Nothing moves there, but the slope in the rate is not zero.

Loses: the graph leads back to the rate.
Axis: graph.
"""


def sgd_step(weights, gradients, rate):
    if float(rate) == 0.0:
        return {name: 1 * w for name, w in weights.items()}
    return {name: w - rate * gradients[name] for name, w in weights.items()}
