"""A rate that is a result has no deep copy.

Axis: graph.
Loses: also where only one is wrong, and whatever the sizes.
"""

import copy


def slopes_are_right(loss_of, slopes_of, rates):
    own, h = copy.deepcopy(rates), 1e-5
    claimed, slopes = slopes_of(own), {}
    for name, rate in own.items():
        above, below = (loss_of(own | {name: rate + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 0.01 * largest for n, s in slopes.items())
