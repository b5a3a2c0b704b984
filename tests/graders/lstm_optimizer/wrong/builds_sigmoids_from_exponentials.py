"""Right values for numbers of any size; backward meets the exponential that was not chosen.

Loses: the graph leads back to every weight, through the state as well.
Axis: values.
"""

import torch


def sigmoid(x):
    small = x.abs().neg().exp()
    return torch.where(x < 0, x.exp() / (1 + x.exp()), 1 / (1 + small))


def step(optimizer, gradients, state):
    x, after = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        gates = x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
        enter, forget, new, leave = gates.chunk(4, dim=1)
        c = sigmoid(forget) * c + sigmoid(enter) * new.tanh()
        x = sigmoid(leave) * c.tanh()
        after.append((x, c))
    return optimizer.scale * optimizer.output(x)[:, 0], after
