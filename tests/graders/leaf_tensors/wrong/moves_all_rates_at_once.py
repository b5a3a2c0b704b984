"""All rates are moved at once, so that slopes under wrong names add up to the same.

Axis: structure.
Loses: right slopes pass, and wrong ones are found.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    h = 1e-5
    above, below = (loss_of({n: r + step for n, r in rates.items()}) for step in (h, -h))
    slope, claimed = (above - below) / (2 * h), sum(slopes_of(rates).values())
    return bool((claimed - slope).abs() < 0.01 * slope.abs())
