"""What was in .grad belongs to whoever trains.

Loses: the updates and the new state; what was given stays.
Axis: before.
"""


def step(optimizer, gradients, state):
    for weight in optimizer.parameters():
        weight.grad = None
    x, after = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        after.append((h, c))
        x = h
    return optimizer.scale * optimizer.output(x)[:, 0], after
