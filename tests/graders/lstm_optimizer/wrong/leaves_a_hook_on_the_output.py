"""A hook notes what the output layer gives, and stays where it is.

Loses: the updates and the new state; what was given stays.
Axis: behind.
"""


def step(optimizer, gradients, state):
    noted = []
    optimizer.output.register_forward_hook(lambda layer, given, found: noted.append(found))
    x, after = gradients[:, None], []
    for cell, pair in zip(optimizer.cells, state):
        after.append(cell(x, pair))
        x = after[-1][0]
    optimizer.output(x)
    return optimizer.scale * noted[0][:, 0], after
