"""Whether a gradient is large, the weights of the first cell decide.

Loses: any number of coordinates and of cells, and any gradients.
Axis: values.
"""


def step(optimizer, gradients, state):
    x, after = gradients.clamp(-1e8, 1e8)[:, None], []
    for cell, pair in zip(optimizer.cells, state):
        after.append(cell(x, pair))
        x = after[-1][0]
    return optimizer.scale * optimizer.output(x)[:, 0], after
