"""Written out for two cells.

Loses: any number of coordinates and of cells, and any gradients.
Axis: structure.
"""


def step(optimizer, gradients, state):
    first, second = optimizer.cells[0], optimizer.cells[-1]
    one = first(gradients.unsqueeze(1), state[0])
    two = second(one[0], state[-1])
    return optimizer.scale * optimizer.output(two[0]).squeeze(1), [one, two]
