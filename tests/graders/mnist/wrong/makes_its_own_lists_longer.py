"""Inputs and outputs are put into the table's lists, again and again.

Loses: the sizes and the activation of each kind.
Axis: again.
"""

import torch

HIDDEN = {"home": [20], "40 units": [40], "two layers": [20, 20], "ReLU": [20]}


def family(kind, inputs):
    sizes = HIDDEN[kind]
    sizes.insert(0, inputs)
    sizes.append(10)
    return sizes, torch.relu if kind == "ReLU" else torch.sigmoid
