"""tanh from powers of e, which are infinite for large gradients.

Loses: any number of coordinates and of cells, and any gradients.
Axis: values.
"""

import torch
from torch.nn.functional import linear


def tanh(x):
    return (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())


def step(optimizer, gradients, state):
    x, after = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        gates = linear(x, cell.weight_ih, cell.bias_ih) + linear(h, cell.weight_hh, cell.bias_hh)
        i, f, z, o = gates.chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * tanh(z)
        x = torch.sigmoid(o) * tanh(c)
        after.append((x, c))
    return optimizer.scale * optimizer.output(x)[:, 0], after
