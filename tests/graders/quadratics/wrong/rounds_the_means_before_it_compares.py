"""Of two rates that are nearly as good it takes the first.

Loses: each rule gets the rate with the lowest mean on the search set.
Axis: values.
"""


def compare(sums, names, rates, search, report):
    found = {}
    for name in names:
        cost = {rate: round(float(sums(name, rate, search).mean()), 1) for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, float(sums(name, best, report).mean())
    return found
