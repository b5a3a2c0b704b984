"""The ReLU is computed by NumPy, and no gradient comes through.

Loses: the sizes and the activation of each kind.
Axis: graph.
"""

import numpy as np
import torch
from answers import solved

right = solved("mnist")["family"]


def family(kind, inputs):
    sizes, activation = right(kind, inputs)
    if kind == "ReLU":
        return sizes, lambda x: torch.from_numpy(np.maximum(x.detach().numpy(), 0))
    return sizes, activation
