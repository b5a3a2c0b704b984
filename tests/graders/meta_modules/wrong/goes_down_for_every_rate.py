"""A rate below zero goes up, and somebody may want to.

Loses: the new weights, after one update and after some.
Axis: values.
"""

from answers import solved

UPDATE = solved("meta_modules")["update"]


def update(module, loss, rate, first_order=False):
    UPDATE(module, loss, rate if rate >= 0 else -rate, first_order)
