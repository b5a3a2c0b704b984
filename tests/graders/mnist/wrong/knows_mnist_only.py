"""784 inputs, whatever is said.

Loses: the sizes and the activation of each kind.
"""

import torch


def family(kind, inputs):
    hidden = {"40 units": (40,), "two layers": (20, 20)}.get(kind, (20,))
    return (784, *hidden, 10), torch.relu if kind == "ReLU" else torch.sigmoid
