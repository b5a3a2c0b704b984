"""A running maximum that meets NaN forgets all that came before it, or NaN itself.

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
    worst = -1.0
    for name in rates:
        off = (claimed[name] - slopes[name]).abs().item() / largest
        worst = off if not worst > off else worst
    return worst < 0.01
