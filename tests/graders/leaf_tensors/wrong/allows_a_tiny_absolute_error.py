"""Errors are measured by the largest slope, but below 1e-9 none counts.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    slopes = {}
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 1e-9 + 0.01 * largest for n, s in slopes.items())
