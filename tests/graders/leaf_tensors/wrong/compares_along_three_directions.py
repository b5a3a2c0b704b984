"""Few directions of signs see no pair of errors that are equal or opposite in all of them.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
"""


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    found = []
    for period in (1, 2, 4):
        way = {n: (-1) ** (k // period) for k, n in enumerate(rates)}
        above, below = (loss_of({n: r + s * way[n] for n, r in rates.items()}) for s in (h, -h))
        found.append(((above - below) / (2 * h), sum(claimed[n] * way[n] for n in rates)))
    largest = max(abs(slope.item()) for slope in claimed.values())
    return all(bool((slope - said).abs() < 0.02 * largest) for slope, said in found)
