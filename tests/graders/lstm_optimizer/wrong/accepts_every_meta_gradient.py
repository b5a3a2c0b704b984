"""Every claim is true.

Loses: a right meta-gradient passes, and one along other edges is found.
Loses: also where only one entry is wrong, and whatever the sizes.
"""


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    return True
