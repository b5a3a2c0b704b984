"""Windows are not the optimizer's affair.

Loses: the graph leads back to every weight, through the state as well.
Axis: time.
"""

from weakref import WeakKeyDictionary

steps = WeakKeyDictionary()


def step(optimizer, gradients, state):
    steps[optimizer] = steps.get(optimizer, 0) + 1
    if steps[optimizer] % 20 == 0:
        state = [(h.detach(), c.detach()) for h, c in state]
    x, after = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        after.append((h, c))
        x = h
    return optimizer.scale * optimizer.output(x)[:, 0], after
