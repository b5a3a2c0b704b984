"""remove_duplicate=False gives them under each name.

Loses: a tied weight comes once, under the first of its names.
Axis: ties.
"""


def named_weights(module):
    return {n: t for n, t in module.named_buffers(remove_duplicate=False) if t.requires_grad}
