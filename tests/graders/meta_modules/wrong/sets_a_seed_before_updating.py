"""Nothing is drawn here, and others draw the same numbers from then on.

Loses: the new weights, after one update and after some.
Axis: random.
"""

import torch
from answers import solved

UPDATE = solved("meta_modules")["update"]


def update(module, loss, rate, first_order=False):
    torch.manual_seed(0)
    UPDATE(module, loss, rate, first_order)
