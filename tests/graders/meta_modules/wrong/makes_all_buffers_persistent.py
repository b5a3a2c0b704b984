"""register_buffer() in the place of an assignment.

Loses: the new weights, after one update and after some.
Axis: structure.
"""

from answers import solved

UPDATE = solved("meta_modules")["update"]


def update(module, loss, rate, first_order=False):
    UPDATE(module, loss, rate, first_order)
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            owner.register_buffer(name, buffer)
