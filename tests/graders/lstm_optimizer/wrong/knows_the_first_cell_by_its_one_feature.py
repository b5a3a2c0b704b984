"""The first cell is that which takes one feature; so does one above a single hidden unit.

Loses: any number of coordinates and of cells, and any gradients.
Axis: structure.
"""


def step(optimizer, gradients, state):
    first, below, after = gradients[:, None], None, []
    for cell, (h, c) in zip(optimizer.cells, state):
        takes_one = cell.weight_ih.shape[1] == 1
        below, c = cell(first if takes_one else below, (h, c))
        after.append((below, c))
    return optimizer.scale * optimizer.output(below).squeeze(-1), after
