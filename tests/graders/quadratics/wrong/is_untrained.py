"""A fresh network.

Loses: at most 0.85 of the best rival's loss.
Loses: at most 0.8 of it, by a rule that leaves alone what it is given.
"""

import torch
from torch import nn

torch.manual_seed(0)
cell, output = nn.LSTMCell(1, 20), nn.Linear(20, 1)


def learned(gradients, state):
    h, c = cell(gradients[:, None], state)
    return 0.1 * output(h)[:, 0], (h, c)
