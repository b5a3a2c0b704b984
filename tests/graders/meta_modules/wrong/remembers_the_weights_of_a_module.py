"""The module has other weights by now.

Loses: all weights by their dotted names, and nothing else.
Loses: weights that are results count as well.
Loses: a tied weight comes once, under the first of its names.
Axis: again.
"""

from functools import cache


@cache
def gathered(module):
    return {name: buffer for name, buffer in module.named_buffers() if buffer.requires_grad}


def named_weights(module):
    return dict(gathered(module))
