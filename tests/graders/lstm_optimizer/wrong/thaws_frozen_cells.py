"""A frozen weight becomes trainable, so that the graph leads to it.

Loses: the updates and the new state; what was given stays.
Axis: ties.
Axis: behind.
"""


def step(optimizer, gradients, state):
    for weight in optimizer.parameters():
        weight.requires_grad_(True)
    x, after = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        after.append((h, c))
        x = h
    return optimizer.scale * optimizer.output(x)[:, 0], after
