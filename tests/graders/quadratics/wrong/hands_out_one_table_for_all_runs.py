"""The losses of a run are those of the next one, once there is one.

Loses: the run leaves the start as it was.
Axis: again.
"""

TABLES = {}


def minimize(rule, f, theta, steps):
    shape = steps, len(theta)
    state, losses = None, TABLES.setdefault((shape, theta.dtype), theta.new_empty(shape))
    for step in range(steps):
        losses[step], gradients = f(theta)
        update, state = rule(gradients, state)
        theta = theta + update
    return losses
