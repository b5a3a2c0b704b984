"""Half of the search set, another one for each rate.

Loses: each rule gets the rate with the lowest mean on the search set.
Loses: the number reported is the mean on the report set.
Loses: the report set is opened once for each rule, after the search; what was given stays.
Axis: random.
"""

import random


def compare(sums, names, rates, search, report):
    half = (len(search) + 1) // 2
    found = {}
    for name in names:
        cost = {rate: sums(name, rate, random.sample(search, half)).mean() for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, float(sums(name, best, report).mean())
    return found
