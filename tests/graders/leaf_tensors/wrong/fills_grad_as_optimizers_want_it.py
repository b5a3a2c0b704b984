"""Puts the gradients where torch.optim looks for them; the step itself is right.

Loses: the new values follow the rule, and the old ones stay.
Axis: before.
Axis: behind.
"""


def sgd_step(weights, gradients, rate):
    for name, w in weights.items():
        w.grad = gradients[name]
    return {name: w - rate * gradients[name] for name, w in weights.items()}
