"""Two names of one tensor get the step of the first.

Loses: the new values follow the rule, and the old ones stay.
Axis: ties.
"""


def sgd_step(weights, gradients, rate):
    moved = {}
    for name, w in weights.items():
        moved.setdefault(id(w), w - rate * gradients[name])
    return {name: moved[id(w)] for name, w in weights.items()}
