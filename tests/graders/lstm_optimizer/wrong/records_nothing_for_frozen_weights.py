"""No graph is recorded where all weights are frozen, though gradients and state have one.

Loses: the graph leads back to every weight, through the state as well.
Axis: ties.
Axis: graph.
"""

import torch


def step(optimizer, gradients, state):
    trained = any(weight.requires_grad for weight in optimizer.parameters())
    with torch.set_grad_enabled(trained and torch.is_grad_enabled()):
        x, after = gradients[:, None], []
        for cell, pair in zip(optimizer.cells, state):
            after.append(cell(x, pair))
            x = after[-1][0]
        return optimizer.scale * optimizer.output(x)[:, 0], after
