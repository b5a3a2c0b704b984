"""Zeros are left to the cell, which makes its own, without their graph.

Axis: graph.
Loses: the graph leads back to every weight, through the state as well.
"""


def step(optimizer, gradients, state):
    x, new = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c) if h.any() or c.any() else None)
        new.append((h, c))
        x = h
    return optimizer.scale * optimizer.output(x)[:, 0], new
