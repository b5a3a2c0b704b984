"""A state dict has them under each name.

Loses: a tied weight comes once, under the first of its names.
"""


def named_weights(module):
    return {n: t for n, t in module.state_dict(keep_vars=True).items() if t.requires_grad}
