"""As text, 10 comes before 2.

Loses: any number of coordinates and of cells, and any gradients.
Axis: structure.
"""


def step(optimizer, gradients, state):
    x, after = gradients[:, None], list(state)
    for name, cell in sorted(optimizer.cells.named_children()):
        after[int(name)] = cell(x, tuple(state[int(name)]))
        x = after[int(name)][0]
    return optimizer.scale * optimizer.output(x)[:, 0], after
