"""The default argument is one dict for all calls.

Loses: the new values follow the rule, and the old ones stay.
Axis: again.
"""


def sgd_step(weights, gradients, rate, new={}):
    new.update({name: w - rate * gradients[name] for name, w in weights.items()})
    return new
