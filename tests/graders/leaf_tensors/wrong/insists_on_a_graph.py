"""Raises where nothing is recorded; the step can be taken there, too.

Loses: the new values follow the rule, and the old ones stay.
Axis: mode.
"""


def sgd_step(weights, gradients, rate):
    new = {name: w - rate * gradients[name] for name, w in weights.items()}
    assert all(w.requires_grad for w in new.values()), "the graph is lost"
    return new
