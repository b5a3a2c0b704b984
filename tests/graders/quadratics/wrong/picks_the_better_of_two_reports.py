"""The two best rates of the search go to the report set.

Loses: each rule gets the rate with the lowest mean on the search set.
Loses: the number reported is the mean on the report set.
Loses: the report set is opened once for each rule, after the search; what was given stays.
Axis: resources.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        order = sorted(rates, key=lambda rate: sums(name, rate, search).mean())
        cost = {rate: sums(name, rate, report).mean() for rate in order[:2]}
        best = min(cost, key=cost.get)
        found[name] = best, float(cost[best])
    return found
