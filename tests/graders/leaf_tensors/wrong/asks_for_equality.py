"""A difference is compared with a slope to all digits.

Axis: values.
Loses: right slopes pass, and wrong ones are found.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    slopes = {}
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    return all(bool(claimed[n] == s) for n, s in slopes.items())
