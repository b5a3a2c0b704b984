"""minimum hands NaN on.

Loses: NaN and infinity count as the cap, each by itself.
Axis: values.
"""


def capped_sums(losses):
    return losses.minimum(10 * losses[0]).sum(0)
