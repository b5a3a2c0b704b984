"""retain_grad() stays with them: a later backward() leaves a .grad there.

Loses: the new weights, after one update and after some.
Axis: behind.
"""

from answers import solved

UPDATE = solved("meta_modules")["update"]


def update(module, loss, rate, first_order=False):
    UPDATE(module, loss, rate, first_order)
    for buffer in module.buffers():
        if buffer.requires_grad and not buffer.is_leaf:
            buffer.retain_grad()
