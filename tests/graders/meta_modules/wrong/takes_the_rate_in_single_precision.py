"""0.1 in float32 is 0.10000000149.

Loses: the new weights, after one update and after some.
Axis: dtype.
"""

import torch
from answers import solved

UPDATE = solved("meta_modules")["update"]


def update(module, loss, rate, first_order=False):
    UPDATE(module, loss, torch.as_tensor(rate), first_order)
