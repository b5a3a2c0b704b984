"""ReLU as half a sum that is infinite where its half is not.

Axis: values.
Loses: the sizes and the activation of each kind.
"""

import torch


def family(kind, inputs):
    hidden = {"home": [20], "40 units": [40], "two layers": [20, 20], "ReLU": [20]}[kind]
    activation = (lambda x: (x + x.abs()) / 2) if kind == "ReLU" else torch.sigmoid
    return [inputs, *hidden, 10], activation
