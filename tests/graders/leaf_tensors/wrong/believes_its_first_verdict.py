"""What was said of the first is said of all.

Axis: again.
Loses: right slopes pass, and wrong ones are found.
Loses: also where only one is wrong, and whatever the sizes.
"""

SAID = []


def slopes_are_right(loss_of, slopes_of, rates):
    if not SAID:
        h, claimed = 1e-5, slopes_of(rates)
        slopes = {}
        for name in rates:
            above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
            slopes[name] = (above - below) / (2 * h)
        largest = max(abs(slope.item()) for slope in slopes.values())
        SAID.append(all(abs((claimed[n] - s).item()) < 0.01 * largest for n, s in slopes.items()))
    return SAID[0]
