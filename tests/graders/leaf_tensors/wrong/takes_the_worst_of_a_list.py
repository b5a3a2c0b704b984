"""Python's max passes over a NaN that is not the first of a list.

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
    worst = max((claimed[name] - slopes[name]).abs().item() / largest for name in rates)
    return worst < 0.01
