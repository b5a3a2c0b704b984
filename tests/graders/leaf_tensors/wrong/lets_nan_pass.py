"""What is no number is not larger than the tolerance.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
Told: what does a comparison with NaN give.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    slopes = {}
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    largest = max(abs(slope.item()) for slope in slopes.values())
    return not any(abs((claimed[n] - s).item()) > 0.01 * largest for n, s in slopes.items())
