"""A NaN is hidden, and the first cell sees another gradient than there is.

Loses: any number of coordinates and of cells, and any gradients.
Axis: values.
"""


def step(optimizer, gradients, state):
    x, after = gradients.nan_to_num(nan=0.0)[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        after.append((h, c))
        x = h
    return optimizer.scale * optimizer.output(x)[:, 0], after
