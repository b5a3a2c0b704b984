"""The scale becomes a tensor of the default dtype.

Axis: dtype.
Loses: any number of coordinates and of cells, and any gradients.
"""

import torch


def step(optimizer, gradients, state):
    x, new = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        new.append((h, c))
        x = h
    return torch.as_tensor(optimizer.scale) * optimizer.output(x)[:, 0], new
