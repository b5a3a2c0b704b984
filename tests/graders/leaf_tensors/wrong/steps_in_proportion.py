"""The step is a share of the rate, which may be 0.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    claimed, slopes = slopes_of(rates), {}
    for name, rate in rates.items():
        h = 1e-5 * rate.abs()
        above, below = (loss_of(rates | {name: rate + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 0.01 * largest for n, s in slopes.items())
