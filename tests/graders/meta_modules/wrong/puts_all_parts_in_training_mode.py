"""Some were in eval mode, on purpose.

Loses: the new weights, after one update and after some.
Axis: mode.
"""

from answers import solved

UPDATE = solved("meta_modules")["update"]


def update(module, loss, rate, first_order=False):
    module.train()
    UPDATE(module, loss, rate, first_order)
