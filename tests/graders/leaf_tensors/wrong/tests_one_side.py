"""Differences to one side, which are off by half the curvature times h.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    here, claimed, h = loss_of(rates), slopes_of(rates), 1e-8
    slopes = {n: (here - loss_of(rates | {n: r - h})) / h for n, r in rates.items()}
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 0.04 * largest for n, s in slopes.items())
