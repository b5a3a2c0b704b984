"""Sigmoids everywhere.

Loses: the sizes and the activation of each kind.
"""

import torch


def family(kind, inputs):
    hidden = {"40 units": (40,), "two layers": (20, 20)}.get(kind, (20,))
    return (inputs, *hidden, 10), torch.sigmoid
