"""The step is a share of the rate, which may be nearly 0; a rate of 0 has a step of its own.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    claimed, slopes = slopes_of(rates), {}
    for name, rate in rates.items():
        h = 1e-4 * rate.abs().item() if rate else 1e-5
        above, below = (loss_of(rates | {name: rate + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 0.05 * largest for n, s in slopes.items())
