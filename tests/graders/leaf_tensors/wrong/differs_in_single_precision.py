"""Rates and losses are cast to float32, in which the difference has few digits.

Axis: dtype.
Loses: right slopes pass, and wrong ones are found.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    claimed, slopes, h = slopes_of(rates), {}, 1e-5
    for name, rate in rates.items():
        above, below = (loss_of(rates | {name: rate + step}).float() for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 0.01 * largest for n, s in slopes.items())
