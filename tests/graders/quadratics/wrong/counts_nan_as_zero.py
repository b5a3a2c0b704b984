"""nan_to_num() without a value: a run that broke down costs nothing any more.

Loses: NaN and infinity count as the cap, each by itself.
"""


def capped_sums(losses):
    return losses.nan_to_num().minimum(10 * losses[0]).sum(0)
