"""A weight may be called scale, and a constant weight.

Loses: all weights by their dotted names, and nothing else.
Loses: weights that are results count as well.
Loses: a tied weight comes once, under the first of its names.
"""


def named_weights(module):
    return {n: b for n, b in module.named_buffers() if n.endswith(("weight", "bias"))}
