"""A mode says how layers compute, not whether there is a graph.

Loses: the graph leads back to every weight, through the state as well.
Axis: mode.
Axis: graph.
"""

import torch


def step(optimizer, gradients, state):
    with torch.set_grad_enabled(optimizer.output.training):
        x, after = gradients[:, None], []
        for cell, (h, c) in zip(optimizer.cells, state):
            h, c = cell(x, (h, c))
            after.append((h, c))
            x = h
        return optimizer.scale * optimizer.output(x)[:, 0], after
