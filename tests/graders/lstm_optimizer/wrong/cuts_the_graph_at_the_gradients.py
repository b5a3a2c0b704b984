"""Whether gradients are constants is for whoever trains to say.

Loses: the graph leads back to every weight, through the state as well.
Axis: graph.
"""


def step(optimizer, gradients, state):
    x, after = gradients.detach()[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        after.append((h, c))
        x = h
    return optimizer.scale * optimizer.output(x)[:, 0], after
