"""The pair is taken for (c, h).

Loses: the updates and the new state; what was given stays.
Loses: any number of coordinates and of cells, and any gradients.
Loses: the graph leads back to every weight, through the state as well.
"""


def step(optimizer, gradients, state):
    x, after = gradients.unsqueeze(1), []
    for cell, (c, h) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        after.append((c, h))
        x = h
    return optimizer.scale * optimizer.output(x).squeeze(1), after
