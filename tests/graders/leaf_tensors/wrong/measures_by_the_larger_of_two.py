"""An error is a share of the larger of both slopes, which may be inf; inf / inf is NaN.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    slopes = {}
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    if any(slope.isnan() for slope in claimed.values()):
        return False
    largest = max(max(abs(s), abs(claimed[n])) for n, s in slopes.items())
    return not any(abs(claimed[n] - s) / largest > 0.01 for n, s in slopes.items())
